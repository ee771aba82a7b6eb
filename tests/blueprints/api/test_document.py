"""The OpenAPI document, and the interface measured against it."""

from __future__ import annotations

import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from schemathesis import Case
from schemathesis.specs.openapi.checks import ignored_auth

from portal.blueprints.api.documents import openapi
from portal.models import Dealer
from tests.blueprints.api.conftest import OFFERED, make_key
from tests.builders import Build


def test_the_document_is_served_and_names_every_path(app: Flask, client: FlaskClient) -> None:
    served = client.get("/api/v1/openapi.json").get_json()
    assert served == openapi()
    rules = {
        rule.rule.removeprefix("/api/v1").replace("<path:", "<").replace("<", "{").replace(">", "}")
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
    }
    assert served["paths"].keys() == rules - {"/openapi.json"}


def test_whatever_is_sent_is_answered_as_the_document_says(app: Flask, build: Build, alices: Dealer) -> None:
    """Valid and invalid requests made up from the document: no 500, no undocumented answer."""
    _key, plain = make_key(build.session, build.user("tool", alices), "Prüfung", OFFERED)
    build.session.commit()
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    tried = []
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(max_examples=40, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def check(case: Case) -> None:
            answer = case.call(headers={"Authorization": f"Bearer {plain}", "Accept-Encoding": "identity"})
            tried.append(case.method)
            assert answer.status_code < 500
            # Keys have tests of their own; here each request carries a valid one.
            case.validate_response(answer, excluded_checks=[ignored_auth])

        check()
    assert {"POST", "DELETE", "GET"} <= set(tried)
