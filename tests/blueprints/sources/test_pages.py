"""Sources in the settings: tried, made, changed, fetched at once, looked at, removed; by those who may."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from portal.models import AuditEvent, Dealer, StockPickup, StockSource, User, VehicleImport
from portal.security.vault import vault_of
from portal.sources.control import MOST_SOURCES
from tests.blueprints.support.conftest import open_support_session
from tests.builders import Build, fresh
from tests.conftest import as_htmx, count_queries
from tests.marketplace import Marketplace

Login = Callable[[User], FlaskClient]
LIST, NEW, TRIAL = "/settings/sources", "/settings/sources/new", "/settings/sources/new/trial"
FILLED = {
    "name": "DMS",
    "scope": "complete",
    "transport": "ftps",
    "host": "files.example.org",
    "user": "alice",
    "password": "geheim-7531",
    "file_name": "bestand.csv",
    "schedule": "05:00, 13:00",
}


def create(browser: FlaskClient, session: Session, **changed: object) -> StockSource:
    answer = browser.post(NEW, data=FILLED | changed)
    assert answer.status_code == 303, answer.text
    return session.scalars(select(StockSource).order_by(StockSource.id.desc())).first()  # type: ignore[return-value]


@pytest.fixture
def source(alice: FlaskClient, session: Session) -> StockSource:
    return create(alice, session)


@pytest.fixture
def here(source: StockSource) -> str:
    return f"{LIST}/{source.id}"


def secrets(app: Flask, session: Session, source: StockSource) -> dict[str, Any]:
    session.expire_all()
    found = session.get_one(StockSource, source.id, options=[undefer(StockSource.secrets)])
    return vault_of(app.extensions["settings"]).open(found.id, found.secrets)


def errors(page: str) -> set[str]:
    """Names of the fields that the summary links to."""
    summary = page.partition("data-error-summary")[2].partition("</ul>")[0]
    return set(re.findall(r'href="#([a-z_]+)"', summary))


def recorded(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEvent.what).order_by(AuditEvent.id)))


def test_a_source_is_made_with_its_secret_sealed_and_its_first_time(
    app: Flask, alice: FlaskClient, session: Session, source: StockSource
) -> None:
    assert source.settings["schedule"] == ["05:00", "13:00"]
    assert (source.name, source.partial) == ("DMS", False)
    assert source.next_at is not None
    assert secrets(app, session, source) == {"password": "geheim-7531"}
    assert "geheim-7531" not in str(source.settings)
    assert "geheim-7531" not in alice.get(LIST).text + alice.get(f"{LIST}/{source.id}").text
    assert recorded(session) == ["source.created"]


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"name": " "}, {"name"}),
        ({"name": "x" * 101}, {"name"}),
        ({"scope": ""}, {"scope"}),
        ({"host": ""}, {"host"}),
        ({"host": "sftp://files.example.org/x"}, {"host"}),
        ({"port": "abc"}, {"port"}),
        ({"file_name": ""}, {"file_name"}),
        ({"file_name": "../bestand.csv"}, {"file_name"}),
        ({"schedule": "25:00"}, {"schedule"}),
        ({"transport": "https", "url": "http://example.org/a.csv"}, {"url"}),
        ({"transport": "https"}, {"url"}),
        ({"transport": "sftp"}, {"host"}),
        ({"location": "nobodys"}, set()),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    alice: FlaskClient, session: Session, changed: dict[str, str], wrong: set[str]
) -> None:
    answer = alice.post(NEW, data=FILLED | changed)
    assert errors(answer.text) == wrong
    assert answer.status_code == (422 if wrong else 303)
    assert "geheim-7531" not in answer.text
    made = session.scalar(select(func.count()).select_from(StockSource))
    assert made == (0 if wrong else 1)


def test_with_several_locations_one_is_chosen(
    alice: FlaskClient, session: Session, build: Build, alices: Dealer
) -> None:
    berlin = build.location(alices, "B")
    assert errors(alice.post(NEW, data=FILLED).text) == {"location"}
    assert create(alice, session, location=berlin.id).location_id == berlin.id


def test_a_secret_is_kept_for_its_place_and_for_no_other(
    app: Flask, alice: FlaskClient, session: Session, source: StockSource, here: str
) -> None:
    again = {name: text for name, text in FILLED.items() if name != "password"}
    assert alice.post(here, data=again | {"name": "Anders", "file_name": "neu.zip"}).status_code == 303
    assert secrets(app, session, source) == {"password": "geheim-7531"}
    for moved in ({"host": "other.example.org"}, {"user": "bob"}, {"port": "990"}, {"transport": "ftp"}):
        answer = alice.post(here, data=again | moved)
        assert errors(answer.text) == {"password"}, moved
    assert secrets(app, session, source) == {"password": "geheim-7531"}
    moved = again | {"host": "other.example.org", "password": "neu-8642"}
    assert alice.post(here, data=moved).status_code == 303
    assert secrets(app, session, source) == {"password": "neu-8642"}
    assert alice.post(here, data=moved | {"password": "", "password-forget": "1"}).status_code == 303
    assert secrets(app, session, source) == {}


def test_what_is_under_way_is_called_off_by_a_change(
    alice: FlaskClient, session: Session, source: StockSource, here: str
) -> None:
    alice.post(f"{here}/pick-up")
    alice.post(here, data=FILLED | {"file_name": "andere.csv"})
    assert session.scalars(select(StockPickup)).all() == []


def test_asking_for_a_pick_up_shows_it_and_asks_again_by_itself(
    alice: FlaskClient, session: Session, source: StockSource, here: str
) -> None:
    answer = alice.post(f"{here}/pick-up", follow_redirects=True)
    assert "Der Server wird gefragt." in answer.text
    assert "every 2s" in alice.get(here, headers=as_htmx()).text
    pickup = session.scalars(select(StockPickup)).one()
    assert pickup.by_hand
    pickup.state, pickup.finished_at = "missing", func.now()
    session.commit()
    assert "every 2s" not in alice.get(here, headers=as_htmx()).text


def test_two_windows_that_ask_at_once_make_one_pick_up(
    build: Build, alices: Dealer, login: Login, session: Session, source: StockSource, here: str
) -> None:
    windows = [login(build.user(f"user-{number}", alices)) for number in range(4)]
    start, answers = Barrier(len(windows)), []

    def ask(window: FlaskClient) -> None:
        start.wait(20)
        answers.append(window.post(f"{here}/pick-up").status_code)

    threads = [Thread(target=ask, args=(window,)) for window in windows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [303] * len(windows)
    assert session.scalar(select(func.count()).select_from(StockPickup)) == 1


def test_the_last_pick_ups_link_to_their_reports(
    alice: FlaskClient, session: Session, source: StockSource, here: str
) -> None:
    place = {"dealer_id": source.dealer_id, "location_id": source.location_id}
    report = VehicleImport(**place, file_name="bestand.csv", partial=False, taken=3, withdrawn=1)
    session.add(report)
    session.flush()
    facts = {"source_id": source.id, "finished_at": func.now(), "file_name": "bestand.csv", "size": 2048}
    session.add(StockPickup(**facts, state="taken", import_id=report.id))
    session.add(StockPickup(**facts, state="failed", reason="<b>Anmeldung</b>"))
    session.commit()
    page = alice.get(here).text
    assert f"/vehicles/imports/{report.id}" in page
    assert "3 neu, 0 geändert, 1 herausgenommen, 0 abgelehnt" in page
    assert "&lt;b&gt;Anmeldung&lt;/b&gt;" in page


def test_a_source_goes_with_its_pick_ups(
    alice: FlaskClient, session: Session, source: StockSource, here: str
) -> None:
    alice.post(f"{here}/pick-up")
    assert "ist gelöscht" in alice.post(f"{here}/delete", follow_redirects=True).text
    assert session.scalars(select(StockPickup)).all() == []
    assert recorded(session) == ["source.created", "source.asked", "source.removed"]


def test_so_many_and_no_more(alice: FlaskClient, session: Session, alices: Dealer) -> None:
    place = {"dealer_id": alices.id, "location_id": alices.locations[0].id}
    session.add_all(StockSource(**place, name=str(n), partial=True) for n in range(MOST_SOURCES))
    session.commit()
    assert errors(alice.post(NEW, data=FILLED).text) == {"name"}


def test_the_list_asks_the_same_however_many_there_are(
    alice: FlaskClient, session: Session, source: StockSource
) -> None:
    with count_queries() as one:
        alice.get(LIST)
    for number in range(3):
        create(alice, session, name=f"DMS {number}")
    with count_queries() as four:
        alice.get(LIST)
    assert len(four) == len(one)


def test_who_is_limited_to_locations_sees_and_makes_only_what_is_there(
    build: Build, session: Session, alices: Dealer, login: Login, source: StockSource, here: str
) -> None:
    berlin = build.location(alices, "B")
    bob = login(build.user("bob-b", alices, rights=("view", "edit_vehicles"), location_ids=[berlin.id]))
    assert "DMS" not in bob.get(LIST).text
    assert [bob.get(here).status_code, bob.post(here, data=FILLED).status_code] == [404, 404]
    answer = bob.post(NEW, data=FILLED | {"location": source.location_id})
    assert answer.status_code == 303
    newest = session.scalars(select(StockSource).order_by(StockSource.id.desc())).first()
    assert newest is not None
    assert newest.location_id == berlin.id


def test_an_agent_looks_and_fetches_but_neither_tests_nor_saves(
    build: Build, login: Login, session: Session, source: StockSource, here: str
) -> None:
    sam = login(build.sam())
    open_support_session(sam, fresh(session, Dealer, source.dealer_id), changes=True)
    page = sam.get(here)
    assert page.status_code == 200
    assert "Quellen richtet nur der Händler selbst ein." in page.text
    refused = (NEW, TRIAL, here, f"{here}/trial", f"{here}/delete")
    assert [sam.post(url, data=FILLED).status_code for url in refused] == [403] * len(refused)
    assert sam.post(f"{here}/pick-up").status_code == 303
    assert session.scalar(select(func.count()).select_from(StockSource)) == 1


# Trying it out, at the sandbox's file portal.


@pytest.fixture
def reachable(app: Flask, marketplace: Marketplace, monkeypatch: pytest.MonkeyPatch) -> Marketplace:
    """The portal may connect to this machine."""
    policy = marketplace.egress_policy()
    settings = replace(
        app.extensions["settings"],
        delivery_allow_private=tuple(map(str, policy.allow)),
        delivery_ca_file=str(policy.authorities),
    )
    monkeypatch.setitem(app.extensions, "settings", settings)
    return marketplace


def at(marketplace: Marketplace, **changed: object) -> dict[str, object]:
    target = marketplace.target("sftp")
    place = {"transport": "sftp", "host": target.host, "port": target.port, "user": target.username}
    return FILLED | place | {"password": target.password} | changed


def test_a_new_server_shows_its_key_and_works_once_it_is_confirmed(
    alice: FlaskClient, session: Session, reachable: Marketplace
) -> None:
    page = unescape(alice.post(TRIAL, data=at(reachable), headers=as_htmx()).text)
    key = reachable.target("sftp").host_key
    assert f'name="host_key" value="{key}"' in page
    assert "Die Datei nur von diesem Server holen" in page
    assert reachable.requests("login") == []
    page = alice.post(TRIAL, data=at(reachable, host_key=key), headers=as_htmx()).text
    assert "Die Verbindung funktioniert." in page
    assert "Die Datei ist noch nicht da." in page
    assert create(alice, session, **at(reachable, host_key=key)).host_key == key
    assert recorded(session) == ["source.tested", "source.tested", "source.created"]


def test_without_script_the_whole_form_comes_back_as_it_was(
    alice: FlaskClient, reachable: Marketplace
) -> None:
    page = alice.post(TRIAL, data=at(reachable, name="")).text
    assert "Ist das der richtige Server?" in page
    assert f'value="{reachable.target("sftp").host}"' in page
    assert errors(page) == set()


def test_a_stored_source_is_tried_with_its_stored_secret(
    alice: FlaskClient, session: Session, reachable: Marketplace
) -> None:
    key = reachable.target("sftp").host_key
    source = create(alice, session, **at(reachable, host_key=key))
    again = at(reachable, host_key=key, password="")
    assert "Die Verbindung funktioniert." in alice.post(f"{LIST}/{source.id}/trial", data=again).text
    elsewhere = again | {"user": "4711002"}
    page = alice.post(f"{LIST}/{source.id}/trial", data=elsewhere, headers=as_htmx()).text
    assert "Benutzername und Passwort nicht an" in page


def test_another_server_needs_its_key_confirmed_anew(
    alice: FlaskClient, session: Session, reachable: Marketplace
) -> None:
    key = reachable.target("sftp").host_key
    source = create(alice, session, **at(reachable, host_key=key))
    answer = alice.post(f"{LIST}/{source.id}", data=at(reachable, host_key=key, port="2222"))
    assert errors(answer.text) == {"host"}
