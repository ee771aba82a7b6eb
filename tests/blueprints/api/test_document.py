"""The OpenAPI document, and the interface measured against it."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, seed, settings
from schemathesis import Case, Response
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance
from werkzeug.test import TestResponse

from portal.blueprints.api.documents import openapi
from portal.models import Dealer
from tests.blueprints.api.conftest import OFFERED, Tool, make_key
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


def test_every_example_of_the_document_runs(app: Flask, tool: Tool, build: Build, alices: Dealer) -> None:
    """In the order of the document; what takes a vehicle away comes last."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    calls = [
        (method, path, operation)
        for path, operations in openapi()["paths"].items()
        for method, operation in operations.items()
    ]
    for method, path, operation in sorted(calls, key=lambda call: call[0] == "delete"):
        answer = tool(method.upper(), _filled(path, operation), **_example_of(operation))
        assert answer.status_code in (200, 201, 204), f"{method} {path}: {answer.text}"
        for result in (answer.get_json(silent=True) or {}).get("results", ()):
            assert result["result"] != "rejected", result
        schema[path][method].validate_response(_as_seen(answer))


def _filled(path: str, operation: dict[str, Any]) -> str:
    for part in operation.get("parameters", ()):
        path = path.replace(f"{{{part['name']}}}", str(part.get("example", "")))
    return path


def _example_of(operation: dict[str, Any]) -> dict[str, Any]:
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        if content.get("x-example-base64"):
            return {"data": base64.b64decode(content["x-example-base64"]), "content_type": kind}
        if "example" in content:
            return {"json": content["example"]}
    assert "requestBody" not in operation, f"{operation['operationId']} has no example"
    return {}


def _as_seen(answer: TestResponse) -> Response:
    headers = {name: [value] for name, value in answer.headers.items()}
    return Response(answer.status_code, headers, answer.data, answer.request, 0.0, True)  # type: ignore[arg-type]


@pytest.mark.parametrize("known", [False, True], ids=["anything", "a known vehicle"])
@pytest.mark.timeout(240)
def test_whatever_is_sent_is_answered_as_the_document_says(
    app: Flask, build: Build, alices: Dealer, known: bool
) -> None:
    """Valid and invalid requests made up from the document: no 500, no undocumented answer."""
    _key, plain = make_key(build.session, build.user("tool", alices), "Prüfung", OFFERED)
    vehicle = build.vehicle(alices, offer_number="A1")
    build.release(vehicle, build.activation(alices))
    build.session.commit()
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    tried = []
    # Keys have tests of their own; here each request carries a valid one. That a body fits its schema does
    # not make it a picture.
    excluded = [ignored_auth, *([positive_data_acceptance] if known else [])]
    for result in schema.get_all_operations():
        operation = result.ok()

        @seed(20261129)
        @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def check(case: Case) -> None:
            if known and case.path_parameters:
                here = {"location": "HH", "offer_number": "A1"}
                case.path_parameters = {name: here[name] for name in case.path_parameters}
            answer = case.call(headers={"Authorization": f"Bearer {plain}", "Accept-Encoding": "identity"})
            tried.append(case.method)
            assert answer.status_code < 500
            case.validate_response(answer, excluded_checks=excluded)

        check()
    assert {"POST", "DELETE", "GET", "PUT"} <= set(tried)
