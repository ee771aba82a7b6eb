"""Programs get problem documents, whoever refuses: a view, the router, a limit, the house."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.blueprints.api.conftest import Tool


def test_the_router_answers_programs_as_the_views_do(tool: Tool) -> None:
    for method, path, status in (
        ("GET", "/nothing", 404),
        ("PATCH", "/vehicles", 405),
        ("POST", "/transfers", 405),
    ):
        answer = tool(method, path)
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json"), path
        assert answer.get_json()["detail"]
        assert answer.headers["Cache-Control"] == "no-store"
    assert "GET" in tool("PATCH", "/vehicles").headers["Allow"]


@pytest.mark.parametrize(("method", "path"), [("POST", "/vehicles"), ("PUT", "/vehicles/HH")])
def test_another_kind_of_body_is_refused_as_that(tool: Tool, method: str, path: str) -> None:
    answer = tool(method, path, data="a;b", content_type="text/csv")
    assert (answer.status_code, answer.content_type) == (415, "application/problem+json")


def test_too_many_requests_are_told_when_to_come_again(tool: Tool, limits: Iterator[None]) -> None:
    answers = [tool("GET", "/reference") for _ in range(121)]
    assert {answer.status_code for answer in answers[:120]} == {200}
    last = answers[120]
    assert (last.status_code, last.content_type) == (429, "application/problem+json")
    assert 1 <= int(last.headers["Retry-After"]) <= 61


def test_what_goes_wrong_in_the_house_is_a_problem_document_too(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError("not for tools")

    monkeypatch.setitem(app.view_functions, "api.document", fail)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setitem(app.config, "TESTING", False)
    answer = client.get("/api/v1/openapi.json")
    assert (answer.status_code, answer.content_type) == (500, "application/problem+json")
    assert "not for tools" not in answer.text
    assert int(answer.headers["Retry-After"]) > 0
