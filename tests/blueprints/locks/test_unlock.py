"""The link in the mail: what it shows to whom, what GET leaves alone, what POST does once."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from sqlalchemy.orm import Session, object_session
from werkzeug.test import TestResponse

from config import Settings
from portal.blueprints.locks.unlock import LinkCase, case_of
from portal.models import Activation, Lock, LoginSession, User
from portal.models.exports import ActivationState, LockEnd
from portal.security.links import UNLOCK, UNLOCK_LIFETIME, Validity, _signer, unlock_link
from tests.blueprints.locks.conftest import REASON, Hall
from tests.builders import Build, fresh
from tests.conftest import count_queries
from tests.test_url_map import everything
from tests.words import german

Login = Callable[[User], FlaskClient]
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SECRETS = ("Autohaus", "4711001", "8 ", REASON, "A0")
"""Nothing of the dealer that a page shows whose link is not good."""


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


@pytest.fixture(autouse=True)
def alice(hall: Hall, build: Build) -> User:
    """To whom the mails went, unless a test says otherwise; she may unlock."""
    return build.alice(hall.dealer)


def path(lock: Lock, user: User | None = None, settings: Settings | None = None) -> str:
    link = unlock_link(settings or Settings(), lock, (user or alice_of(lock)).id)
    return link.removeprefix(Settings().portal_url)


def alice_of(lock: Lock) -> User:
    session = object_session(lock)
    assert session
    return session.scalars(select(User).where(User.name == "Alice")).one()


def press(client: FlaskClient, lock: Lock, where: str = "", **changed: Any) -> TestResponse:
    """Press the button of a page that showed this lock as it is."""
    data = {"deletions": lock.deletions, "creations": lock.creations} | changed
    return client.post(where or path(lock), data=data)


def close(hall: Hall, lock: Lock, how: str, **columns: Any) -> None:
    for name, value in ({"closed_at": datetime.now(UTC), "closed_how": how} | columns).items():
        setattr(lock, name, value)
    hall.activation.state = ActivationState.ACTIVE
    hall.session.commit()


# Every outcome


def test_every_outcome_of_a_link_is_told_apart() -> None:
    """Validity × lock × right × another lock: what is known least about says least."""
    locks: dict[str, Lock | None] = {
        "deleted": None,
        "open": Lock(closed_at=None, by_mail=False, closed_how=""),
        "used": Lock(closed_at=NOW, by_mail=True, closed_how=LockEnd.APPROVED),
        **{end: Lock(closed_at=NOW, by_mail=False, closed_how=end) for end in LockEnd},
    }
    seen = set()
    for validity, name, entitled, another in product(Validity, locks, (True, False), (True, False)):
        found = case_of(validity, locks[name], entitled=entitled, another_open=another)
        if validity != Validity.GOOD:
            expected = LinkCase(validity.value)
        elif name == "deleted":
            expected = LinkCase.GONE
        elif not entitled:
            expected = LinkCase.VOID
        elif name == "open":
            expected = LinkCase.OPEN
        elif another:
            expected = LinkCase.SUPERSEDED
        else:
            expected = LinkCase(name)
        assert found == expected, (validity, name, entitled, another)
        seen.add(found)
    assert seen == set(LinkCase)


def test_a_good_link_shows_the_numbers_and_asks(client: FlaskClient, hall: Hall) -> None:
    lock = hall.lock(delete=22)
    answer = client.get(path(lock))
    text = plain(answer.text)
    assert answer.status_code == 200
    for part in (
        "mobile.de ist gesperrt",
        "Autohaus Alice · Kd-Nr. 4711001 · Hamburg (HH)",
        "22 Löschungen standen an, mehr als die üblichen 6 bei 60 Inseraten.",
        "22 Inserate löschen und weiter übertragen",
        "und 2 weitere",
    ):
        assert part in text
    assert text.count(REASON) == 20
    assert "/vehicles/" not in answer.text
    assert 'class="sidebar"' not in answer.text
    assert f'href="/login?next=/apps/{hall.activation.id}"' in answer.text


def test_pressing_lifts_this_lock_once(client: FlaskClient, hall: Hall, session: Session) -> None:
    lock = hall.lock()
    answer = press(client, lock)
    assert answer.status_code == 200
    assert "Die Übertragung ist aktiviert. 8 Inserate werden gelöscht." in plain(answer.text)
    assert hall.state == ActivationState.ACTIVE
    assert hall.rows() == {("waiting", False)}
    closed: Lock = fresh(session, Lock, lock.id)
    assert (closed.closed_how, closed.by_mail, closed.closed_by) == (LockEnd.APPROVED, True, None)
    (event,) = hall.audited()
    assert (event.what, event.user_id, german(event.actor)) == (
        "lock.approved",
        None,
        "Link in der E-Mail an Alice",
    )
    assert event.address == "127.0.0.1"
    assert event.detail["by_mail"] is True


def test_pressing_twice_does_nothing_more(client: FlaskClient, hall: Hall) -> None:
    lock = hall.lock()
    press(client, lock)
    before = everything(hall.session)
    for again in (press(client, lock), client.get(path(lock))):
        assert again.status_code == 410
        assert "Dieser Link wurde schon benutzt" in again.text
        assert "(über den Link in der E-Mail)" in again.text
    assert everything(hall.session) == before


def test_two_who_press_at_once_lift_it_once(app: Flask, hall: Hall) -> None:
    lock = hall.lock()
    where, data = path(lock), {"deletions": 8, "creations": 0}
    with ThreadPoolExecutor(4) as pool:
        presses = [pool.submit(app.test_client().post, where, data=data) for _ in range(4)]
        statuses = sorted(each.result().status_code for each in presses)
    assert statuses == [200, 410, 410, 410]
    assert [event.what for event in hall.audited()] == ["lock.approved"]


ENDS = [
    (LockEnd.APPROVED, {}, "Die Sperre ist schon aufgehoben"),
    (LockEnd.APPROVED, {"by_mail": True}, "Dieser Link wurde schon benutzt"),
    (LockEnd.DISCARDED, {}, "Die Sperre wurde verworfen"),
    (LockEnd.HEALED, {}, "hat sich am"),
    (LockEnd.ENDED, {}, "Die App ist deaktiviert"),
]


@pytest.mark.parametrize(("how", "columns", "said"), ENDS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_lock_that_is_lifted_says_how(
    client: FlaskClient, hall: Hall, how: str, columns: dict[str, Any], said: str, method: str
) -> None:
    lock = hall.lock()
    close(hall, lock, how, **columns)
    before = everything(hall.session)
    answer = client.open(path(lock), method=method, data={"deletions": 8})
    assert answer.status_code == 410
    assert said in answer.text
    assert 'href="/login"' in answer.text
    assert "<form" not in answer.text
    assert everything(hall.session) == before


def test_a_link_of_a_former_lock_lifts_no_newer_one(client: FlaskClient, hall: Hall) -> None:
    old = hall.lock()
    close(hall, old, LockEnd.HEALED)
    hall.lock(delete=9)
    for answer in (client.get(path(old)), press(client, old, deletions=99)):
        assert answer.status_code == 410
        assert "Dieser Link gehört zu einer früheren Sperre" in answer.text
    assert hall.state == ActivationState.LOCKED


def bad(lock: Lock, kind: str) -> str:
    """Paths that are no good: too old, signed by others, cut off, for another purpose, nonsense."""
    good = path(lock)
    other = _signer(Settings(), "portal.security.links.reset").dumps([lock.id.hex])
    return {
        "forged": path(lock, settings=replace(Settings(), secret_key="another")),
        "cut": good[:-3],
        "other": f"/unlock/{other}",
        "nonsense": "/unlock/x",
    }[kind]


@pytest.mark.parametrize("kind", ["forged", "cut", "other", "nonsense"])
def test_a_forged_link_shows_and_does_nothing(client: FlaskClient, hall: Hall, kind: str) -> None:
    lock = hall.lock()
    where, before = bad(lock, kind), everything(hall.session)
    with count_queries() as queries:
        answers = (client.get(where), client.post(where, data={"deletions": 8}))
    assert queries == []
    for answer in answers:
        assert answer.status_code == 404
        assert "Dieser Link ist ungültig" in answer.text
        assert not [secret for secret in SECRETS if secret in plain(answer.text)]
    assert everything(hall.session) == before


def test_an_expired_link_shows_and_does_nothing(
    client: FlaskClient, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = hall.lock()
    where, before = path(lock), everything(hall.session)
    monkeypatch.setattr("portal.security.links.UNLOCK_LIFETIME", -timedelta(seconds=1))
    for answer in (client.get(where), press(client, lock, where)):
        assert answer.status_code == 410
        assert "Ein Link aus einer E-Mail gilt 72 Stunden." in answer.text
        assert not [secret for secret in SECRETS if secret in plain(answer.text)]
    assert timedelta(hours=72) == UNLOCK_LIFETIME
    assert everything(hall.session) == before


def test_a_lock_that_was_deleted_is_gone(client: FlaskClient, hall: Hall, session: Session) -> None:
    lock = hall.lock()
    where = path(lock)
    session.execute(delete(Activation))
    session.commit()
    for answer in (client.get(where), client.post(where, data={"deletions": 8})):
        assert answer.status_code == 410
        assert "Diese Sperre gibt es nicht mehr" in answer.text


# To whom it was mailed


@pytest.mark.parametrize("why", ["inactive", "right", "dealer", "deleted"])
def test_the_link_dies_with_the_right_of_whom_it_was_mailed_to(
    client: FlaskClient, hall: Hall, build: Build, alice: User, why: str
) -> None:
    lock = hall.lock()
    where = path(lock, alice)
    if why == "inactive":
        alice.active = False
    if why == "right":
        alice.rights = ["view"]
    if why == "dealer":
        alice.dealer_id = build.dealer().id
    if why == "deleted":
        build.session.delete(alice)
    build.session.commit()
    for answer in (client.get(where), press(client, lock, where)):
        assert answer.status_code == 403
        assert "darf diese Sperre nicht mehr aufheben" in answer.text
        assert REASON not in answer.text
    assert hall.state == ActivationState.LOCKED


def test_who_was_picked_to_be_informed_sees_the_lock_and_lifts_it_only_with_the_right(
    client: FlaskClient, hall: Hall, build: Build
) -> None:
    lock, bob = hall.lock(), build.bob(hall.dealer)
    hall.dealer.inform_on_lock = [bob.id]
    build.session.commit()
    page = client.get(path(lock, bob))
    assert page.status_code == 200
    assert "Dieser Link ging an Bob." in plain(page.text)
    assert "<button" not in page.text
    assert press(client, lock, path(lock, bob)).status_code == 403
    assert hall.state == ActivationState.LOCKED
    bob.rights = ["view", "unlock"]
    build.session.commit()
    assert press(client, lock, path(lock, bob)).status_code == 200
    assert hall.state == ActivationState.ACTIVE


# What a GET leaves alone


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_looking_changes_nothing(client: FlaskClient, hall: Hall, method: str) -> None:
    """Scanners of mails open links, some of them twice."""
    lock = hall.lock()
    before = everything(hall.session)
    for _ in range(2):
        assert client.open(path(lock), method=method).status_code == 200
    assert everything(hall.session) == before


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_no_other_method_does_anything(client: FlaskClient, hall: Hall, method: str) -> None:
    assert client.open(path(hall.lock()), method=method).status_code == 405


def test_nobody_is_logged_in_by_a_link(client: FlaskClient, hall: Hall, session: Session) -> None:
    lock = hall.lock()
    client.get(path(lock))
    press(client, lock)
    assert client.get(hall.path).headers["Location"].startswith("/login")
    assert session.query(LoginSession).count() == 0


def test_charlie_with_the_link_sees_that_page_and_no_other(hall: Hall, build: Build, login: Login) -> None:
    """The link is what counts, not who is logged in; Charlie's frame is not around Alice's numbers."""
    lock, charlie = hall.lock(), login(build.charlie())
    answer = charlie.get(path(lock))
    assert answer.status_code == 200
    assert "Autohaus Charlie" not in answer.text
    assert charlie.get(hall.path).status_code == 404


# Numbers


def test_a_deviation_that_has_grown_is_shown_again(client: FlaskClient, hall: Hall) -> None:
    lock = hall.lock()
    hall.grow(lock, 4)
    before = everything(hall.session)
    answer = press(client, lock, deletions=8)
    assert answer.status_code == 409
    text = plain(answer.text)
    assert "Löschungen: 12 statt 8. Es wurde nichts gesendet." in text
    assert "12 Inserate löschen und weiter übertragen" in text
    assert everything(hall.session) == before
    assert press(client, lock, deletions=12).status_code == 200


def test_a_press_without_numbers_decides_nothing(client: FlaskClient, hall: Hall) -> None:
    lock = hall.lock()
    assert client.post(path(lock)).status_code == 409
    assert hall.state == ActivationState.LOCKED


# Headers, CSRF, limits


def test_neither_address_nor_page_is_kept_or_told(client: FlaskClient, hall: Hall) -> None:
    lock = hall.lock()
    for answer in (client.get(path(lock)), client.get("/unlock/x"), press(client, lock)):
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("base", ["http://localhost", "https://localhost"])
def test_the_form_needs_the_token_of_its_page_and_no_referer(
    csrf: None, client: FlaskClient, hall: Hall, base: str
) -> None:
    lock = hall.lock()
    data = {"deletions": 8, "creations": 0}
    assert client.post(path(lock), data=data, base_url=base).status_code == 422
    assert client.post(path(lock), data=data | {"csrf_token": "x"}, base_url=base).status_code == 422
    assert hall.state == ActivationState.LOCKED
    page = client.get(path(lock), base_url=base).text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = client.post(path(lock), data=data | {"csrf_token": token}, base_url=base)
    assert answer.status_code == 200
    assert hall.state == ActivationState.ACTIVE


def test_an_address_may_try_only_so_often(limits: None, client: FlaskClient) -> None:
    from_one = {"REMOTE_ADDR": f"10.0.0.{uuid4().int % 200 + 1}"}
    tries = [client.post("/unlock/x", environ_overrides=from_one).status_code for _ in range(11)]
    assert tries == [404] * 10 + [429]
    looks = [client.get("/unlock/x", environ_overrides=from_one).status_code for _ in range(61)]
    assert looks == [404] * 60 + [429]


def test_queries_do_not_grow(client: FlaskClient, hall: Hall) -> None:
    counts = []
    lock = hall.lock(delete=2)
    where = path(lock)
    for _ in range(2):
        with count_queries() as queries:
            client.get(where)
        counts.append(len(queries))
        hall.grow(lock, 30)
    assert counts == [5, 5]


def test_the_signer_of_the_page_is_that_of_the_mail(
    app: Flask, client: FlaskClient, hall: Hall, alice: User
) -> None:
    """The mail is written by a worker, the page is served by the web: same key, same path."""
    lock = hall.lock()
    settings = app.extensions["settings"]
    link = unlock_link(settings, lock, alice.id)
    assert client.get(link.removeprefix(settings.portal_url)).status_code == 200
    assert _signer(settings, UNLOCK).loads(path(lock).removeprefix("/unlock/")) == [lock.id.hex, alice.id.hex]


def test_a_link_that_names_nobody_lifts_nothing(client: FlaskClient, hall: Hall) -> None:
    """Signed by the portal, good for this lock, and mailed to nobody: nobody's right stands behind it."""
    lock = hall.lock()
    where = f"/unlock/{_signer(Settings(), UNLOCK).dumps([lock.id.hex])}"
    for answer in (client.get(where), press(client, lock, where)):
        assert answer.status_code == 404
        assert REASON not in answer.text
    assert hall.state == ActivationState.LOCKED
