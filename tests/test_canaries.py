"""Secrets that are planted appear nowhere: not in logs, errors, pages, histories, mails or rows."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from config import Settings
from portal.blueprints.api.keys import OFFERED, make_key
from portal.models import Base, Dealer, User
from portal.people import second_factor
from portal.platforms.contract import ApiAccess
from tests.builders import Build
from tests.test_url_map import SAFE, calls, objects_of

Login = Callable[[User], FlaskClient]
SERVER, TOTP = "canary-of-the-server", "JBSWY3DPEHPK3PXP"


@pytest.fixture
def planted(app: Flask, build: Build, session: Session) -> tuple[Dealer, User, str]:
    """A dealer with a sealed password of a server, a second factor and a key; the key in plain text."""
    dealer = build.dealer()
    alice = build.alice(dealer)
    vault = app.extensions["vault"]
    activation = build.activation(
        dealer,
        app="mobile-de-csv",
        kind="file",
        customer_number="777",
        settings={"transport": "sftp", "host": "files.example.org", "username": "alice"},
    )
    activation.secrets = vault.seal(activation.id, {"password": SERVER})
    alice.totp_secret = vault.seal(alice.id, {"secret": TOTP})
    second_factor.renew_recovery_codes(alice)
    _key, plain = make_key(session, alice, "Werkstatt", OFFERED)
    session.commit()
    return dealer, alice, plain


def clear_text(session: Session) -> str:
    """Everything that the database holds, as text."""
    session.rollback()
    tables = [table.name for table in Base.metadata.sorted_tables]
    query = "SELECT coalesce(string_agg(t::text, '|'), '') FROM \"{}\" t"
    return "\n".join(str(session.scalar(text(query.format(name)))) for name in tables)


def test_no_page_log_or_row_shows_a_secret(
    app: Flask,
    build: Build,
    session: Session,
    login: Login,
    planted: tuple[Dealer, User, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    dealer, alice, key = planted
    caplog.set_level(logging.DEBUG)
    values, client = objects_of(build, dealer), login(alice)
    activations = [values["activation_id"], *_all_activations(session, dealer)]
    shown = []
    for call in calls(app):
        if call.method in SAFE and call.access != "support":
            tried = activations if "activation_id" in call.rule.arguments else activations[:1]
            shown += [call.send(client, app, values | {"activation_id": key}).text for key in tried]
    everywhere = {"pages": "\n".join(shown), "logs": caplog.text, "database": clear_text(session)}
    found = [
        (place, secret)
        for place, content in everywhere.items()
        for secret in (SERVER, TOTP, key)
        if secret in content
    ]
    assert len(shown) > 50
    assert not found


def _all_activations(session: Session, dealer: Dealer) -> list[object]:
    return list(session.scalars(text("SELECT id FROM activation WHERE dealer_id = :d"), {"d": dealer.id}))


def test_no_repr_shows_a_secret(planted: tuple[Dealer, User, str], app: Flask, session: Session) -> None:
    settings = Settings(
        secret_key="canary-key",
        secrets_keys=("canary-seal",),
        platforms={"mobile-de": {"password": "canary-platform"}},
        metrics_token="canary-token",
    )
    assert "canary" not in repr(settings)
    assert "canary" not in repr(ApiAccess(settings.platforms["mobile-de"]))


def test_an_error_page_tells_nothing_of_the_inside(
    app: Flask, login: Login, planted: tuple[Dealer, User, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong: the page says that it did, the log says what, neither carries the secret."""
    _dealer, alice, _key = planted

    def broken() -> None:
        raise RuntimeError(SERVER)

    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setitem(app.view_functions, "overview.page", broken)
    try:
        answer = login(alice).get("/")
        assert answer.status_code == 500
        assert SERVER not in answer.text
        assert "RuntimeError" not in answer.text
    finally:
        app.config["PROPAGATE_EXCEPTIONS"] = None
