"""The form of a file app: secrets that never come back, a trial of the connection, the server's key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from portal.blueprints.store import forms, live_checks
from portal.extensions import db
from portal.models import Activation, User
from portal.models.audit import AuditEvent
from portal.platforms import APPS, get_app
from portal.platforms.contract.fields import secrets
from portal.security.vault import vault_of
from tests.builders import Build
from tests.marketplace import Marketplace

FORM = "/appstore/mobile-de-csv/activate"
TRIAL = "/appstore/mobile-de-csv/test-connection"
PASSWORD = "portal-sandbox"  # of the sandbox


@pytest.fixture
def alice(
    app: Flask, build: Build, login: Callable[[User], FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> FlaskClient:
    """In a portal that may reach this machine's servers."""
    local = replace(app.extensions["settings"], delivery_allow_private=("127.0.0.0/8", "::1/128"))
    monkeypatch.setitem(app.extensions, "settings", local)
    return login(build.alice(build.dealer()))


@pytest.fixture
def filled(marketplace: Marketplace) -> dict[str, Any]:
    """The form for the folder of 4711001 at the sandbox, its key confirmed."""
    target = marketplace.target("sftp")
    return {
        "customer_number": "4711001",
        "transport": "sftp",
        "host": target.host,
        "port": str(target.port),
        "user": target.username,
        "password": PASSWORD,
        "host_key": target.host_key,
        "pictures": "none",
        "schedule": "02:00, 12:00",
    }


def activated(alice: FlaskClient, session: Any, filled: dict[str, Any]) -> Activation:
    answer = alice.post(FORM, data=filled)
    assert answer.status_code == 303, unescape(answer.text)
    session.expire_all()
    return session.scalars(select(Activation)).one()  # type: ignore[no-any-return]


def opened(session: Any, app: Flask, activation: Activation) -> dict[str, Any]:
    session.expire_all()
    row = session.get_one(Activation, activation.id)
    return vault_of(app.extensions["settings"]).open(row.id, row.secrets)


def test_secrets_lie_in_the_vault_and_nowhere_else(
    app: Flask, alice: FlaskClient, session: Any, filled: dict[str, Any]
) -> None:
    activation = activated(alice, session, filled)
    assert opened(session, app, activation) == {"password": PASSWORD}
    assert "password" not in activation.settings
    assert PASSWORD not in str(activation.settings)
    for path in ("/settings", "", "/deactivate"):
        assert PASSWORD not in alice.get(f"/apps/{activation.id}{path}").text
    assert PASSWORD not in str([event.detail for event in session.scalars(select(AuditEvent))])


@pytest.mark.parametrize("sent", ["", "unverändert"])
def test_a_secret_that_is_left_alone_is_kept(
    app: Flask, alice: FlaskClient, session: Any, filled: dict[str, Any], sent: str
) -> None:
    activation = activated(alice, session, filled)
    url = f"/apps/{activation.id}/settings"
    page = alice.get(url).text
    assert 'placeholder="unverändert"' in page
    changed = filled | {"password": sent, "schedule": "03:00"}
    assert alice.post(url, data=changed).status_code == 303
    assert opened(session, app, activation) == {"password": PASSWORD}
    assert session.get_one(Activation, activation.id).settings["schedule"] == ["03:00"]


def test_a_new_secret_replaces_it_and_the_box_removes_it(
    app: Flask, alice: FlaskClient, session: Any, filled: dict[str, Any]
) -> None:
    activation = activated(alice, session, filled)
    url = f"/apps/{activation.id}/settings"
    alice.post(url, data=filled | {"password": "neu"})
    assert opened(session, app, activation) == {"password": "neu"}
    alice.post(url, data=filled | {"password": "", "password-forget": "1"})
    assert opened(session, app, activation) == {}


def test_what_was_typed_does_not_come_back_with_an_error(alice: FlaskClient, filled: dict[str, Any]) -> None:
    answer = alice.post(FORM, data=filled | {"schedule": "26:00", "password": "streng-geheim"})
    assert answer.status_code == 422
    assert "streng-geheim" not in answer.text


def test_the_trial_shows_the_key_before_anything_is_sent(
    alice: FlaskClient, filled: dict[str, Any], marketplace: Marketplace
) -> None:
    unconfirmed = {key: value for key, value in filled.items() if key != "host_key"}
    page = alice.post(TRIAL, data=unconfirmed).text
    kind, fingerprint = marketplace.target("sftp").host_key.split()
    assert fingerprint in page
    assert f'name="host_key" value="{kind} {fingerprint}"' in page
    assert "Die Verbindung funktioniert" not in page


def test_the_trial_says_that_it_works(alice: FlaskClient, filled: dict[str, Any]) -> None:
    page = alice.post(TRIAL, data=filled).text
    assert "Die Verbindung funktioniert." in page
    assert PASSWORD not in page


@pytest.mark.parametrize(
    ("wrong", "step"),
    [
        ({"password": "falsch"}, "Anmeldung"),
        ({"folder": "gibt-es-nicht"}, "Ordner"),
        ({"port": "1"}, "Verbindung"),
    ],
)
def test_the_trial_names_the_step_that_fails(
    alice: FlaskClient, filled: dict[str, Any], wrong: dict[str, str], step: str
) -> None:
    page = alice.post(TRIAL, data=filled | wrong).text
    failed = page.partition("gescheitert")[0].rpartition("<strong>")[2]
    assert failed.startswith(step)


def test_without_script_the_form_comes_back_with_the_trial(
    alice: FlaskClient, filled: dict[str, Any]
) -> None:
    page = alice.post(TRIAL, data=filled).text
    assert "Die Verbindung funktioniert." in page
    assert 'value="4711001"' in page
    assert PASSWORD not in page


def test_nothing_is_activated_for_a_server_that_nobody_has_confirmed(
    alice: FlaskClient, session: Any, filled: dict[str, Any]
) -> None:
    answer = alice.post(FORM, data=filled | {"host_key": ""})
    assert answer.status_code == 422
    assert "bestätigen Sie den Schlüssel" in answer.text
    assert session.scalars(select(Activation)).all() == []


def test_another_server_asks_for_its_key_again(
    alice: FlaskClient, session: Any, filled: dict[str, Any]
) -> None:
    activation = activated(alice, session, filled)
    answer = alice.post(f"/apps/{activation.id}/settings", data=filled | {"host": "127.0.0.1"})
    assert answer.status_code == 422
    assert "Der Server ist ein anderer" in answer.text


def test_the_stored_password_is_used_for_a_trial(
    alice: FlaskClient, session: Any, filled: dict[str, Any]
) -> None:
    activation = activated(alice, session, filled)
    url = f"/apps/{activation.id}/settings/test-connection"
    assert "Die Verbindung funktioniert." in alice.post(url, data=filled | {"password": ""}).text


def test_the_preview_counts_what_the_file_would_hold(
    alice: FlaskClient, session: Any, build: Build, filled: dict[str, Any]
) -> None:
    dealer = session.get_one(User, session.scalar(select(User.id))).dealer
    build.vehicle(dealer)
    build.vehicle(dealer, prices={})
    page = alice.post(
        "/appstore/mobile-de-csv/preview", data=filled | {"kinds-used": "1", "kinds-used-days": "0"}
    ).text
    assert "<strong>1</strong> neu" in page
    assert "<strong>1</strong> nicht gesendet" in page


@pytest.mark.parametrize(
    "moved",
    [{"host": "upload.example.org"}, {"port": "2200"}, {"user": "mallory"}, {"transport": "ftps"}],
)
@pytest.mark.parametrize("button", ["/settings", "/settings/test-connection", "/settings/preview"])
def test_a_stored_secret_goes_to_no_other_target(
    app: Flask,
    alice: FlaskClient,
    session: Any,
    filled: dict[str, Any],
    moved: dict[str, str],
    button: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    activation = activated(alice, session, filled)
    sent: list[Any] = []
    monkeypatch.setattr(live_checks, "connect", lambda target, _policy: sent.append(target) or ())
    answer = alice.post(f"/apps/{activation.id}{button}", data=filled | {"password": ""} | moved)
    assert "Bitte noch einmal eingeben" in answer.text
    assert PASSWORD not in str([(target.password, target.private_key) for target in sent])
    assert opened(session, app, activation) == {"password": PASSWORD}
    assert session.get_one(Activation, activation.id).settings["host"] == filled["host"]


def test_typed_again_it_is_taken_for_the_new_target(
    app: Flask, alice: FlaskClient, session: Any, filled: dict[str, Any]
) -> None:
    activation = activated(alice, session, filled)
    moved = filled | {"user": "somebody", "password": "typed again"}
    assert alice.post(f"/apps/{activation.id}/settings", data=moved).status_code == 303
    assert opened(session, app, activation) == {"password": "typed again"}


def test_secrets_that_somebody_stored_meanwhile_are_not_kept(
    app: Flask, alice: FlaskClient, session: Any, filled: dict[str, Any]
) -> None:
    """Two windows: what the other one stored is for the other one's target."""
    activation = activated(alice, session, filled)
    with app.test_request_context():
        row = db.session.get_one(Activation, activation.id)
        form = MultiDict(filled | {"password": ""})
        entries = forms.read(get_app(row.app), form, (), row, forms.stored_secrets(row))
        row.secrets = vault_of(app.extensions["settings"]).seal(row.id, {"password": "of another server"})
        forms.keep_secrets(row, entries)
        db.session.commit()
    assert opened(session, app, activation) == {}


def test_every_secret_of_every_app_says_what_it_is_for() -> None:
    for app in APPS.values():
        names = {field.name for field in app.fields}
        for secret in secrets(app.fields):
            assert secret.void_with, (app.slug, secret.name)
            assert set(secret.void_with) & names, (app.slug, secret.name)


def test_a_trial_stands_in_the_log(alice: FlaskClient, session: Any, filled: dict[str, Any]) -> None:
    alice.post(TRIAL, data=filled)
    event = session.scalars(select(AuditEvent).where(AuditEvent.what == "activation.tested")).one()
    assert event.detail == {"transport": "sftp", "receiver": filled["host"], "worked": True}
