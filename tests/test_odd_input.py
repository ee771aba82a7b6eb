"""Every parameter of every route with what nobody should send: an answer, never a failure.

The names are those that the views ask for, noted while they answer, so a new field is covered at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from werkzeug.routing import UUIDConverter

from portal.blueprints.api.keys import make_key
from portal.blueprints.api.schema import VehicleIn
from portal.models import Dealer, User
from portal.models.accounts import RIGHTS
from portal.web.storable import PortalRequest, StorableFields
from tests.builders import Build
from tests.test_url_map import PLAIN, SAFE, Call, calls, objects_of

Login = Callable[[User], FlaskClient]
Browser = Callable[[], FlaskClient]
Names = dict[str, set[str]]
ODD = (
    "A\x001",
    "9" * 5_000,
    "0365000000000",
    "-99999999999999999999",
    "١٢³",
    "1e999",
    "x" * 3_000,
    "9999-12-31T23:59:59+14:00",
)
ALONE = "0365000000000"
"""Tried also with everything else left out, on pages that only show."""
HALF = "%ED%A0%80"
"""A half surrogate as an address spells it."""


class Noting(StorableFields):
    """Notes which names are asked for, by endpoint."""

    names: Names = {}  # noqa: RUF012  # each test has its own

    def _note(self, name: Any) -> None:
        if isinstance(name, str) and request:
            self.names[request.endpoint or ""].add(name)

    def get(self, key: str, *rest: Any, **more: Any) -> Any:
        self._note(key)
        return super().get(key, *rest, **more)

    def getlist(self, key: str, *rest: Any, **more: Any) -> list[Any]:
        self._note(key)
        return super().getlist(key, *rest, **more)

    def __contains__(self, key: object) -> bool:
        self._note(key)
        return super().__contains__(key)

    def __getitem__(self, key: str) -> Any:
        self._note(key)
        return super().__getitem__(key)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    found: Names = defaultdict(set)
    monkeypatch.setattr(Noting, "names", found)
    monkeypatch.setattr(PortalRequest, "parameter_storage_class", Noting)
    return found


def address(app: Flask, call: Call, values: dict[str, Any]) -> str:
    known = {name: (PLAIN | values)[name] for name in call.rule.arguments}
    with app.test_request_context():
        return app.url_map.bind("localhost").build(call.rule.endpoint, known, method=call.method)


def odd_addresses(call: Call, values: dict[str, Any]) -> Iterator[str]:
    """One odd part at a time, in place of each that the rule has."""
    for odd in call.rule.arguments:
        is_text = not isinstance(call.rule._converters[odd], UUIDConverter)
        texts = [quote(text[:2_000], safe="") for text in ODD]
        for text in [*texts, HALF] if is_text else texts[:1]:
            path = call.rule.rule
            for name in call.rule.arguments:
                spelled = text if name == odd else quote(str((PLAIN | values)[name]))
                start, _, rest = path.partition(f"{name}>")
                path = start.rpartition("<")[0] + spelled + rest
            yield path


def send(client: FlaskClient, call: Call, path: str, fields: dict[str, str]) -> int:
    """Fields of a page that changes something come in the query as well: some views read both."""
    query = urlencode(fields, errors="surrogatepass")
    joined = f"{path}?{query}" if query and len(query) < 200_000 else path
    data = None if call.method in SAFE else fields
    return client.open(joined, method=call.method, data=data, buffered=True).status_code


def tried(app: Flask, browser: Browser, values: dict[str, Any], names: Names) -> list[str]:
    """What failed. First all names are odd together, then each alone; looking comes before changing."""
    failed = []
    for call in sorted(calls(app), key=lambda call: call.method not in SAFE):
        path, client = address(app, call, values), browser()
        plain = send(client, call, path, {})
        attempts: list[tuple[str, dict[str, str]]] = [(odd, {}) for odd in odd_addresses(call, values)]
        wanted = sorted(names[call.rule.endpoint])
        let_in = plain not in (401, 403)
        attempts += [(path, dict.fromkeys(wanted, odd)) for odd in ODD if let_in]
        attempts += [(path, {name: ALONE}) for name in wanted if call.method in SAFE]
        failed += [what for at, fields in attempts if (what := _failure(client, call, at, fields))]
    return failed


def _failure(client: FlaskClient, call: Call, path: str, fields: dict[str, str]) -> str:
    """Errors reach the test as such (`TESTING`)."""
    where = f"{call} at {path[:60]} with {str(fields)[:120]}"
    try:
        status = send(client, call, path, fields)
    except Exception as error:
        return f"{where}: {type(error).__name__}: {str(error)[:160]}"
    return f"{where}: {status}" if status >= 500 and status != 503 else ""


def as_nobody(app: Flask, _build: Build, _dealer: Dealer, _login: Login) -> Browser:
    return app.test_client


def as_dealer(_app: Flask, build: Build, dealer: Dealer, login: Login) -> Browser:
    anna = build.user("anna", dealer, rights=RIGHTS)
    return lambda: login(anna)


def as_support(_app: Flask, build: Build, _dealer: Dealer, login: Login) -> Browser:
    sam = build.sam()
    return lambda: login(sam)


def with_key(app: Flask, build: Build, dealer: Dealer, _login: Login) -> Browser:
    maker = build.user("maker", dealer, rights=RIGHTS)
    _key, plain = make_key(build.session, maker, "Werkstatt", RIGHTS)
    build.session.commit()

    def client() -> FlaskClient:
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {plain}"
        return client

    return client


@pytest.mark.parametrize("role", [as_nobody, as_dealer, as_support, with_key])
def test_nothing_odd_makes_a_route_fail(
    role: Any, app: Flask, build: Build, alices: Dealer, login: Login, names: Names
) -> None:
    values = objects_of(build, alices)
    build.session.commit()
    assert not tried(app, role(app, build, alices, login), values, names)
    assert names


JSON_ODD = (
    "\x00", "\ud800", 10**400, -1, 1e308, True, None, [], {}, [[]],
    ["\x00"], {"\x00": "\ud800"}, "x" * 50_000, ["x"] * 5_000, [{"a": [None]}], "9999-99-99",
)  # fmt: skip


def test_nothing_odd_in_a_vehicle_makes_the_interface_fail(
    app: Flask, build: Build, alices: Dealer, login: Login
) -> None:
    client = with_key(app, build, alices, login)()
    good = {"location": alices.locations[0].code, "offer_number": "A1"}
    for name in (*VehicleIn.model_fields, "unknown", "\x00"):
        vehicles = [good | {name: odd} for odd in JSON_ODD]
        answer = client.post("/api/v1/vehicles", json={"vehicles": vehicles})
        assert answer.status_code in (200, 400, 413), f"{name}: {answer.status}"


@pytest.mark.parametrize(
    "body", ["", "[]", "null", "1" * 5_000, "[" * 100_000, '{"vehicles": 1e999}', "\x00"]
)
def test_no_body_makes_the_interface_fail(
    body: str, app: Flask, build: Build, alices: Dealer, login: Login
) -> None:
    client = with_key(app, build, alices, login)()
    answer = client.post("/api/v1/vehicles", data=body, content_type="application/json")
    assert answer.status_code == 400
