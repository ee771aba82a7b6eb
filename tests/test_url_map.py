"""Every route says who may, and it holds. Walks the whole URL map, so new routes are covered at once.

That whoever has the right may, and finds more than an error, is asked in `test_access_matrix.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from portal.blueprints.api.keys import OFFERED, make_key
from portal.formats.foreign_layouts.layout import Layout
from portal.models import (
    Base,
    Dealer,
    DropAccess,
    ImageBlob,
    KnownModel,
    Location,
    Run,
    StockLayout,
    StockSource,
    StockUpload,
    SupportSession,
    User,
    VehicleImage,
    VehicleImport,
    WebhookEndpoint,
    WebhookMessage,
)
from portal.models.accounts import RIGHTS
from portal.models.exports import RunKind, RunState, TransferState
from tests.builders import Build
from tests.formats.foreign_layouts.files import GOLF, HEADER, surveyed, text_file

Login = Callable[[User], FlaskClient]
KINDS = ("public", "account", "support", "machine", *(f"dealer:{right}" for right in RIGHTS))
PLAIN = {
    "slug": "mobile-de",
    "kind": "full",
    "location": "HH",
    "offer_number": "A1",
    "token": "nobodys",
    "file_name": "stock.csv",
    "sha256": "0" * 64,
    "verb": "keep",
    "change": "hide",
    "button": "add",
}
"""Parameters that name no dealer's object."""
SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Call:
    """One method of one rule."""

    method: str
    rule: Rule
    access: str

    def __str__(self) -> str:
        return f"{self.method} {self.rule.rule} ({self.access})"

    @property
    def objects(self) -> list[str]:
        return sorted(self.rule.arguments - PLAIN.keys())

    def send(self, client: FlaskClient, app: Flask, values: dict[str, Any]) -> Any:
        known = {name: (PLAIN | values)[name] for name in self.rule.arguments}
        with app.test_request_context():
            url = app.url_map.bind("localhost").build(self.rule.endpoint, known, method=self.method)
        return client.open(url, method=self.method, data=None if self.method in SAFE else _form(values))


def _form(values: dict[str, Any]) -> dict[str, str]:
    """The same objects as form fields, for forms that choose one: `location_id` and `location`.

    `support_session` is no choice: forms carry by it the support session that they were made in.
    """
    fields = ((field, value) for name, value in values.items() for field in (name, name.removesuffix("_id")))
    return {field: str(value) for field, value in fields if field != "support_session"}


def calls(app: Flask, kind: str = "") -> Iterator[Call]:
    """Every rule with each of its methods; `kind` is the beginning of its access mark."""
    for rule in app.url_map.iter_rules():
        access = getattr(app.view_functions[rule.endpoint], "access", "")
        if rule.endpoint == "static" or not access.startswith(kind):
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Call(method, rule, access)


def objects_of(build: Build, dealer: Dealer, where: Location | None = None) -> dict[str, Any]:
    """One object of each kind, at the first location; a route's parameters are filled by their names."""
    with build.at_once():
        return _objects_of(build, dealer, where)


def _objects_of(build: Build, dealer: Dealer, where: Location | None) -> dict[str, Any]:
    place = (where or dealer.locations[0]).id
    vehicle = build.vehicle(dealer)
    vehicle.location_id = place
    activation = build.activation(dealer, customer_number=str(place)[-10:], location_id=place)
    build.release(vehicle, activation)
    build.listing(vehicle, activation)
    transfer = build.transfer(vehicle, activation, state=TransferState.REJECTED)
    sha256 = str(place).replace("-", "").ljust(64, "0")
    build._add(ImageBlob(sha256=sha256, jpeg=b"jpeg", thumbnail=b"small", size=4, width=1, height=1))
    image = build._add(VehicleImage(vehicle_id=vehicle.id, sha256=sha256, position=0))
    run = build._add(Run(activation_id=activation.id, kind=RunKind.CHECK, state=RunState.DONE))
    upload = build._add(
        VehicleImport(dealer_id=dealer.id, location_id=place, file_name="a.csv", partial=True)
    )
    survey = surveyed(text_file(HEADER, GOLF)).as_json()
    definition = Layout({"Marke": "make"}).as_json()
    named = {
        "name": f"Programm {str(place)[-6:]}",
        "signature": sha256,
        "definition": definition,
        "survey": survey,
    }
    layout = build._add(StockLayout(dealer_id=dealer.id, **named))
    spelled = {"make": "BMW", "model": "3er", "words": str(place), "key": "318", "label": "318"}
    known = build._add(KnownModel(dealer_id=dealer.id, app="mobile-de", **spelled))
    kept = {"file_name": "b.csv", "partial": True, "survey": survey}
    waiting = build._add(StockUpload(dealer_id=dealer.id, location_id=place, **kept))
    source = build._add(
        StockSource(
            dealer_id=dealer.id, location_id=place, name="DMS", partial=True, settings={"transport": "sftp"}
        )
    )
    dropped = {"name": "Ordner", "partial": True, "settings": {"transport": "drop_folder"}}
    drop_folder = build._add(StockSource(dealer_id=dealer.id, location_id=place, **dropped))
    build._add(DropAccess(source_id=drop_folder.id, login=str(place)))
    user = build.user(f"bob-of-{dealer.key}-{vehicle.id}", dealer, rights=("view",))
    agent = build.user(f"sam-at-{dealer.key}-{vehicle.id}", None, rights=(), role="support")
    soon = datetime.now(UTC) + timedelta(hours=1)
    support_session = build._add(
        SupportSession(agent_id=agent.id, dealer_id=dealer.id, reason="Hilfe", expires_at=soon)
    )
    claim = build.bind(dealer, str(place)[-10:])
    key, _plain = make_key(build.session, user, "Werkstatt", OFFERED)
    webhook = build._add(
        WebhookEndpoint(dealer_id=dealer.id, name="DMS", url="https://example.org/", created_by=user.id)
    )
    build.session.flush()
    message = build._add(
        WebhookMessage(endpoint_id=webhook.id, event="webhook.test", subject_id=webhook.id, state="delivered")
    )
    build.session.flush()
    return {
        "vehicle_id": vehicle.id,
        "activation_id": activation.id,
        "transfer_id": transfer.id,
        "image_id": image.id,
        "import_id": upload.id,
        "layout_id": layout.id,
        "known_model_id": known.id,
        "upload_id": waiting.id,
        "source_id": source.id,
        "drop_folder_id": drop_folder.id,
        "run_id": run.id,
        "location_id": place,
        "key_id": key.id,
        "webhook_id": webhook.id,
        "message_id": message.id,
        "user_id": user.id,
        "support_session_id": support_session.id,
        "number_id": claim.id,
        "support_dealer_id": dealer.id,
    }


def everything(session: Session) -> dict[str, str]:
    """A fingerprint of each table, logins apart."""
    session.rollback()
    names = (table.name for table in Base.metadata.sorted_tables if table.name != "login_session")
    query = "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM \"{}\" t"
    return {name: session.scalar(text(query.format(name))) or "" for name in names}


def test_every_rule_says_who_may(app: Flask) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
    unmarked = [
        rule.rule for rule in rules if getattr(app.view_functions[rule.endpoint], "access", None) not in KINDS
    ]
    assert rules
    assert not unmarked


def test_every_parameter_is_an_object_or_known_as_plain(app: Flask, build: Build, alices: Dealer) -> None:
    known = objects_of(build, alices).keys() | PLAIN.keys()
    unknown = {str(call): call.rule.arguments - known for call in calls(app) if call.rule.arguments - known}
    assert not unknown


def test_nobody_is_led_to_the_login_and_changes_nothing(
    app: Flask, build: Build, session: Session, alices: Dealer
) -> None:
    values, before = objects_of(build, alices), everything(session)
    wrong = []
    for call in [*calls(app, "dealer"), *calls(app, "account"), *calls(app, "support")]:
        answer = call.send(app.test_client(), app, values)
        if answer.status_code != 303 or not answer.headers["Location"].startswith("/login"):
            wrong.append(f"{call}: {answer.status}")
    assert not wrong
    assert everything(session) == before


@pytest.mark.usefixtures("limits")
def test_every_route_answers_while_requests_are_limited(
    app: Flask, build: Build, alices: Dealer, login: Login
) -> None:
    """Most tests run without limits: only here what a limit counts by is asked."""
    values, alice = objects_of(build, alices), build.alice(alices)
    reader = login(alice)
    for call in sorted(calls(app), key=lambda call: call.method not in SAFE):
        client = reader if call.method in SAFE else login(alice)
        assert call.send(client, app, values).status_code < 500, call


def test_every_address_answers_what_asks_for_a_fragment(
    app: Flask, build: Build, alices: Dealer, login: Login
) -> None:
    """Also one that no page of ours asks for."""
    values, alice = objects_of(build, alices), login(build.alice(alices))
    alice.environ_base["HTTP_HX_REQUEST"] = "true"
    for call in calls(app):
        if call.method == "GET":
            assert call.send(alice, app, values).status_code < 500, call


def test_another_dealers_object_does_not_exist(
    app: Flask, build: Build, session: Session, alices: Dealer, login: Login
) -> None:
    """Charlie gives Alice's id for each parameter in turn, his own for the others, and then all of hers."""
    hers, charlie = objects_of(build, alices), build.charlie()
    build.session.refresh(charlie)
    his = objects_of(build, charlie.dealer)
    client, before, wrong, tried = login(charlie), everything(session), [], 0
    for call in calls(app, "dealer"):
        for stolen in {(one,) for one in call.objects} | ({tuple(call.objects)} - {()}):
            answer = call.send(client, app, his | {name: hers[name] for name in stolen})
            tried += 1
            if answer.status_code != 404:
                wrong.append(f"{call} with another dealer's {stolen}: {answer.status}")
    assert not wrong
    assert tried
    assert everything(session) == before


def test_without_the_right_it_is_forbidden(
    app: Flask, build: Build, session: Session, alices: Dealer, login: Login
) -> None:
    values, wrong = objects_of(build, alices), []
    for right in RIGHTS:
        others = tuple(other for other in RIGHTS if other != right)
        client = login(build.user(f"bob-without-{right}", alices, rights=others))
        before = everything(session)
        for call in calls(app, f"dealer:{right}"):
            answer = call.send(client, app, values)
            if answer.status_code != 403:
                wrong.append(f"{call}: {answer.status}")
        assert everything(session) == before
    assert not wrong


def test_support_agents_have_no_dealer_to_act_for(
    app: Flask, build: Build, session: Session, alices: Dealer, login: Login
) -> None:
    values, client = objects_of(build, alices), login(build.sam())
    before = everything(session)
    wrong = {str(call): call.send(client, app, values).status_code for call in calls(app, "dealer")}
    assert set(wrong.values()) == {403}, wrong
    assert everything(session) == before


def test_own_account_is_open_to_dealers_and_support(
    app: Flask, build: Build, alices: Dealer, login: Login
) -> None:
    for user in (build.alice(alices), build.sam()):
        for call in calls(app, "account"):
            assert call.send(login(user), app, {}).status_code in (200, 303, 422), str(call)


def test_the_menu_leads_to_pages(app: Flask, build: Build, alices: Dealer, login: Login) -> None:
    client = login(build.alice(alices))
    page = client.get("/").text
    links = {part.partition('"')[0] for part in page.split('class="menu-link" href="')[1:]}
    assert links >= {"/", "/vehicles", "/appstore", "/apps", "/problems"}
    assert {link: client.get(link).status_code for link in links} == dict.fromkeys(links, 200)
