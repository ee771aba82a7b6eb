"""What every platform of the registry owes (docs/adding-a-platform.md)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from config import load_settings
from portal.platforms import APPS, connect, get_app, source_of
from portal.platforms.common.http import TimeLimits
from portal.platforms.contract import (
    MODEL_OTHER,
    Accepted,
    Account,
    Answer,
    ExportApp,
    Gone,
    Platform,
    Rejected,
    Retry,
    Rules,
    Stop,
    StopCause,
    Subject,
)
from portal.platforms.contract.environment import BASE_URL
from portal.platforms.contract.fields import SettingField, defaults, validate
from portal.vehicle_facts.data import VehicleData
from tests.builders import golf
from tests.platforms.autoscout24 import conftest as autoscout24
from tests.platforms.autoscout24_ch import conftest as autoscout24_ch
from tests.platforms.filled import PLAUSIBLE, filled
from tests.platforms.mobile_de import conftest as mobile_de
from tests.platforms.mobile_de.kinds import electric, financed, new_diesel
from tests.platforms.peer import Peer, Says
from tests.platforms.stores import memory_stores
from tests.words import german

SECRET = "geheim-4711"
SLUGS = tuple(APPS)


@dataclass(frozen=True)
class Rig:
    """A platform connected to the peer, and where its requests go. One line per platform below."""

    app: ExportApp
    platform: Platform
    peer: Peer
    account: Account
    create_at: tuple[str, str]
    update_at: tuple[str, str]
    delete_at: tuple[str, str]

    def call(self, verb: str) -> Answer:
        client = self.platform.open(self.account, memory_stores()[0])
        try:
            match verb:
                case "create":
                    return client.create({"make": "VW"}, "creation-1")
                case "update":
                    return client.update("30000001", {"make": "VW"})
                case _:
                    return client.delete("30000001")
        finally:
            client.close()

    def tell(self, verb: str, answer: Says) -> None:
        places = {"create": self.create_at, "update": self.update_at, "delete": self.delete_at}
        self.peer.tell(*places[verb], answer)


def mobile_de_rig(peer: Peer) -> Rig:
    mobile_de.offer_reference_data(peer)
    app = get_app("mobile-de")
    account = {"MOBILE_DE_USERNAME": "operator", "MOBILE_DE_PASSWORD": SECRET}
    settings = load_settings({"MOBILE_DE_API_URL": peer.url, **account})
    ads = "/seller-api/sellers/1000471/ads"
    ad = f"{ads}/30000001"
    places = (("POST", ads), ("PUT", ad), ("DELETE", ad))
    return Rig(app, connect(app.slug, settings), peer, mobile_de.ACCOUNT, *places)


def autoscout24_rig(peer: Peer) -> Rig:
    autoscout24.offer_references(peer)
    peer.tell("GET", autoscout24.LIST, Says(body={"listings": []}))
    app = get_app("autoscout24")
    account = {"AUTOSCOUT24_USERNAME": "operator", "AUTOSCOUT24_PASSWORD": SECRET}
    settings = load_settings({"AUTOSCOUT24_API_URL": peer.url, **account})
    listing = f"{autoscout24.LISTINGS}/30000001"
    places = (
        ("POST", f"{autoscout24.LISTINGS}?culture=de-DE"),
        ("PUT", f"{listing}?culture=de-DE"),
        ("DELETE", listing),
    )
    platform = connect(app.slug, settings)
    return Rig(app, platform, peer, autoscout24.ACCOUNT, *places)


def autoscout24_ch_rig(peer: Peer) -> Rig:
    autoscout24_ch.offer_references(peer)
    autoscout24_ch.offer_listing(peer, "30000001")
    app = get_app("autoscout24-ch")
    account = {"AUTOSCOUT24_CH_CLIENT_ID": "operator", "AUTOSCOUT24_CH_CLIENT_SECRET": SECRET}
    settings = load_settings({"AUTOSCOUT24_CH_API_URL": peer.url, **account})
    listing = f"{autoscout24_ch.LISTINGS}/30000001"
    places = (("POST", autoscout24_ch.LISTINGS), ("PUT", listing), ("POST", f"{listing}/remove"))
    return Rig(app, connect(app.slug, settings), peer, autoscout24_ch.ACCOUNT, *places)


RIGS = {
    "mobile-de": mobile_de_rig,
    "autoscout24": autoscout24_rig,
    "autoscout24-ch": autoscout24_ch_rig,
}


@pytest.fixture(params=SLUGS)
def app(request: pytest.FixtureRequest) -> ExportApp:
    return get_app(request.param)


@pytest.fixture(params=[slug for slug in SLUGS if get_app(slug).connect])
def rig(request: pytest.FixtureRequest, peer: Peer) -> Rig:
    return RIGS[request.param](peer)


def test_manifest_is_complete(app: ExportApp) -> None:
    assert APPS[app.slug] is app
    assert app.name
    assert 0 < len(german(app.summary)) <= 80
    assert app.sends
    assert app.rhythm
    assert app.needs
    assert app.kind == ("file" if app.file else "api")
    assert [bool(app.connect), bool(app.file), app.included_in in APPS].count(True) == 1
    assert app.cost_notice or app.kind == "file"


def test_an_api_declares_what_it_needs_from_the_environment(app: ExportApp) -> None:
    """Among it the base URL, which can be pointed elsewhere; out of the box all leads to the sandbox."""
    keys = [variable.key for variable in app.environment]
    assert len(keys) == len(set(keys))
    if app.connect:
        assert load_settings({}).platforms[app.slug][BASE_URL].startswith("http://localhost:8001")
        assert source_of(app.slug, load_settings({"SANDBOX_PORT": "9001"})) != source_of(
            app.slug, load_settings({})
        )
    else:
        assert not app.environment
        assert source_of(app.slug, load_settings({})) == app.slug  # it keeps pictures and lists all the same


def test_what_platforms_declare_leaves_settings_the_key_of_a_cache() -> None:
    once, elsewhere = load_settings({}), load_settings({"SANDBOX_PORT": "9001"})
    assert {once: "here", load_settings({}): "again", elsewhere: "there"} == {
        once: "again",
        elsewhere: "there",
    }


def test_settings_are_declared_whole(app: ExportApp) -> None:
    names = [field.name for field in app.fields]
    if app.included_in:
        assert names == []
        return
    assert len(set(names)) == len(names)
    assert names[:2] == ["customer_number", "location"]
    for field in app.fields:
        assert field.label
        assert field.type != "choice" or field.default in {option.value for option in field.options}


def test_defaults_are_valid(app: ExportApp) -> None:
    clean = filled(app)
    untouched = [field for field in app.fields if field.name not in PLAUSIBLE and field.type != "secret"]
    assert {field.name: clean[field.name] for field in untouched} == defaults(tuple(untouched))


def test_bad_settings_are_refused_each_with_its_name(app: ExportApp) -> None:
    for field in app.fields:
        for bad in wrong_values(field):
            given = {**PLAUSIBLE, **defaults(app.fields), **asking_for(field), field.name: bad}
            _, errors = validate(app.fields, given)
            assert field.name in {error.name for error in errors}, (field.name, bad)


def asking_for(field: SettingField) -> dict[str, Any]:
    """What has to be chosen so that the field is asked at all."""
    return {field.when[0]: field.when[1][0]} if field.when else {}


def wrong_values(field: SettingField) -> Iterator[Any]:
    if field.required and field.type in ("text", "customer_number", "secret"):
        yield ""
    if field.pattern or field.check:
        yield "„unmöglich“ <>"
    if field.type in ("choice", "flag", "kinds", "schedule", "number"):
        yield "nonsense"
    if field.type == "text":
        yield "x" * (field.longest + 1)


VEHICLES = {
    "minimal": golf(vin="", model_description=""),
    "empty": VehicleData(offer_number="X"),
    "full": financed(),
    "electric": electric(),
    "new": new_diesel(),
}


@pytest.mark.parametrize("name", VEHICLES)
def test_vehicle_is_mapped_or_its_problems_are_named(rig: Rig, name: str) -> None:
    stores, _, _ = memory_stores()
    mapper = rig.platform.mapper({}, rig.account, Rules(), stores)
    price = "15900.00" if name != "empty" else None
    first, second = (mapper(Subject(VEHICLES[name], "HH", platform_price=price)) for _ in range(2))
    assert first == second
    assert first.internal_number
    assert bool(first.problems) == (name == "empty")
    for note in (*first.problems, *first.hints):
        assert note.code
        assert german(note.text).endswith((".", ")."))


def test_a_model_that_the_dealer_assigns_is_sent_as_that_model(rig: Rig) -> None:
    stores, _, _ = memory_stores()
    mapper = rig.platform.mapper({}, rig.account, Rules(), stores)
    meant, written = golf(offer_number="A1"), golf(offer_number="A1", model="Gollf")
    wanted = mapper(Subject(meant, "HH", platform_price="15900.00"))
    unclear = mapper(Subject(written, "HH", platform_price="15900.00"))
    (hint,) = (one for one in unclear.hints if one.code == MODEL_OTHER)
    (key, name) = hint.options[0]
    assert name == "Golf"
    assigned = mapper(Subject(written, "HH", platform_price="15900.00", model=key))
    assert assigned.payload == wanted.payload != unclear.payload
    assert MODEL_OTHER not in {one.code for one in assigned.hints}
    vanished = mapper(Subject(written, "HH", platform_price="15900.00", model="no such key"))
    assert vanished == unclear


STATUSES: dict[int, dict[str, type]] = {
    400: {"create": Rejected, "update": Rejected, "delete": Rejected},
    401: {"create": Stop, "update": Stop, "delete": Stop},
    403: {"create": Stop, "update": Stop, "delete": Stop},
    404: {"create": Stop, "update": Gone, "delete": Gone},
    409: {"create": Rejected, "update": Rejected, "delete": Rejected},
    422: {"create": Rejected, "update": Rejected, "delete": Rejected},
    429: {"create": Retry, "update": Retry, "delete": Retry},
    500: {"create": Retry, "update": Retry, "delete": Retry},
    502: {"create": Retry, "update": Retry, "delete": Retry},
    503: {"create": Retry, "update": Retry, "delete": Retry},
}


@pytest.mark.parametrize("verb", ["create", "update", "delete"])
@pytest.mark.parametrize("status", STATUSES)
def test_status_is_classified(rig: Rig, status: int, verb: str) -> None:
    rig.tell(verb, Says(status))
    answer = rig.call(verb)
    assert isinstance(answer.outcome, STATUSES[status][verb])
    assert status in {exchange.status for exchange in answer.exchanges}


@pytest.mark.parametrize("verb", ["create", "update", "delete"])
@pytest.mark.parametrize(
    "odd", [Says(then="reset"), Says(200, b"<html>garbage"), Says(200, b"x" * 99, then="half")]
)
def test_odd_answer_is_never_believed(rig: Rig, odd: Says, verb: str) -> None:
    rig.tell(verb, odd)
    assert isinstance(rig.call(verb).outcome, Retry)


def test_slow_platform_is_a_retry(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time-outs are half a minute; here they are shortened, not replaced."""
    short = TimeLimits(0.2)
    monkeypatch.setattr(type(rig.platform)._http, "__defaults__", (short,))  # type: ignore[attr-defined]
    rig.tell("create", Says(201, after=0.6))
    answer = rig.call("create")
    assert isinstance(answer.outcome, Retry)
    assert german(answer.exchanges[-1].error) == "Zeitüberschreitung"


def spoken(rig: Rig) -> Iterator[str]:
    """All that a platform says of itself and of a failed request."""
    yield repr(rig.platform)
    client = rig.platform.open(rig.account, memory_stores()[0])
    yield f"{client!r} {vars(client)}"
    client.close()
    for status in (200, 400, 401, 500):
        rig.tell("create", Says(status, b"<html>"))
        yield repr(rig.call("create"))
    rig.tell("create", Says(then="reset"))
    yield repr(rig.call("create"))
    yield repr(rig.platform.check_customer("4711001"))


def test_no_secret_in_any_log_error_or_repr(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    import base64

    token = base64.b64encode(f"operator:{SECRET}".encode()).decode()
    with caplog.at_level(logging.DEBUG):
        said = " ".join(spoken(rig)) + caplog.text
    assert SECRET not in said
    assert token not in said


def test_stop_names_its_cause(rig: Rig) -> None:
    rig.tell("create", Says(401))
    outcome = rig.call("create").outcome
    assert isinstance(outcome, Stop)
    assert outcome.cause is StopCause.CREDENTIALS
    assert outcome.detail


def test_success_is_accepted(rig: Rig) -> None:
    rig.tell("update", Says(200))
    assert isinstance(rig.call("update").outcome, Accepted)
