"""Nutzer: invited, changed, locked out; nobody beyond his own dealer."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.models import AuditEvent, Dealer, Mail, User
from portal.models.accounts import RIGHTS
from tests.builders import Build, fresh
from tests.conftest import count_queries
from tests.words import letter

Login = Callable[[User], FlaskClient]
DORA: dict[str, Any] = {
    "login": "dora",
    "name": "Dora Neu",
    "email": "dora@example.org",
    "rights": ["edit_vehicles"],
}


@pytest.fixture
def alice(build: Build, alices: Dealer) -> User:
    return build.alice(alices)


@pytest.fixture
def browser(login: Login, alice: User) -> FlaskClient:
    return login(alice)


def invite(browser: FlaskClient, **changed: Any) -> int:
    return browser.post("/settings/users/new", data=DORA | changed).status_code


def dora(session: Session) -> User:
    session.expire_all()
    return session.scalars(select(User).where(User.login == "dora")).one()


def test_an_invited_user_sets_a_password_by_the_mail_and_is_in(
    app: Flask, browser: FlaskClient, session: Session, alices: Dealer
) -> None:
    assert invite(browser) == 303
    assert "eingeladen" in browser.get("/settings/users").text
    [mail] = session.scalars(select(Mail)).all()
    assert (mail.recipient, "dora" in letter(mail)) == ("dora@example.org", True)
    found = re.search(r"/password/\S+", letter(mail))
    assert found
    client = app.test_client()
    password = "rote Ampel am Hafen"
    client.post(found.group(), data={"password": password, "again": password})
    client.post("/login", data={"login": "dora", "password": password})
    assert client.get("/vehicles").status_code == 200
    assert client.get("/settings/users").status_code == 403
    user = dora(session)
    assert (user.dealer_id, user.rights) == (alices.id, ["view", "edit_vehicles"])


def test_a_login_exists_once_in_the_whole_portal(
    browser: FlaskClient, build: Build, session: Session
) -> None:
    build.user("dora", build.dealer("Autohaus Charlie", code="CH"))
    answer = browser.post("/settings/users/new", data=DORA)
    assert answer.status_code == 422
    assert "gibt es im Portal schon" in answer.text
    assert session.scalars(select(Mail)).all() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("login", ""), ("login", "mit leer"), ("name", ""), ("email", ""), ("email", "x"), ("rights", [])],
)
def test_what_is_wrong_stands_beside_its_field(
    browser: FlaskClient, session: Session, field: str, value: Any
) -> None:
    answer = browser.post("/settings/users/new", data=DORA | {field: value})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert len(session.scalars(select(User)).all()) == 1


def test_the_plan_limits_how_many(browser: FlaskClient, session: Session, alices: Dealer) -> None:
    session.get_one(Dealer, alices.id).max_users = 1
    session.commit()
    answer = browser.post("/settings/users/new", data=DORA)
    assert answer.status_code == 422
    assert "Ihr Tarif enthält 1 Nutzer" in answer.text


def test_rights_and_locations_are_changed_and_recorded(
    browser: FlaskClient, build: Build, session: Session, alices: Dealer
) -> None:
    place = build.location(alices, "HB")
    bob = build.bob(alices)
    data = {
        "name": "Bob",
        "email": "bob@example.org",
        "rights": ["unlock"],
        "scope": "some",
        "locations": [str(place.id)],
    }
    browser.post(f"/settings/users/{bob.id}", data=data)
    saved = fresh(session, User, bob.id)
    assert (saved.rights, saved.location_ids) == (["view", "unlock"], [place.id])
    event = session.scalars(select(AuditEvent)).one()
    assert event.what == "user.changed"
    assert event.detail["rights"] == [["view"], ["view", "unlock"]]


def test_another_dealers_location_cannot_be_given(
    browser: FlaskClient, build: Build, session: Session, alices: Dealer
) -> None:
    theirs = build.dealer("Autohaus Charlie", code="CH").locations[0]
    build.location(alices, "HB")
    assert invite(browser, scope="some", locations=[str(theirs.id)]) == 422


def test_nobody_takes_the_right_to_manage_from_himself(
    browser: FlaskClient, session: Session, alice: User
) -> None:
    data = {"name": "Alice", "email": "alice@example.org", "rights": ["view"]}
    assert browser.post(f"/settings/users/{alice.id}", data=data).status_code == 422
    browser.post(f"/settings/users/{alice.id}/deactivate")
    saved = fresh(session, User, alice.id)
    assert (saved.active, saved.rights) == (True, list(RIGHTS))


def test_a_locked_out_user_is_out_at_the_next_request(
    browser: FlaskClient, build: Build, login: Login, alices: Dealer
) -> None:
    bob = build.bob(alices)
    his = login(bob)
    assert his.get("/vehicles").status_code == 200
    browser.post(f"/settings/users/{bob.id}/deactivate")
    assert his.get("/vehicles").status_code == 303
    browser.post(f"/settings/users/{bob.id}/activate")
    assert his.get("/vehicles").status_code == 303, "the old login stays dead"
    assert login(bob).get("/vehicles").status_code == 200


def test_an_invitation_can_be_sent_again_until_it_is_used(
    browser: FlaskClient, build: Build, session: Session, alices: Dealer
) -> None:
    invite(browser)
    browser.post(f"/settings/users/{dora(session).id}/invite")
    assert len(session.scalars(select(Mail)).all()) == 2
    browser.post(f"/settings/users/{build.bob(alices).id}/invite")
    assert len(session.scalars(select(Mail)).all()) == 2


def test_the_list_takes_a_fixed_number_of_queries(browser: FlaskClient, build: Build, alices: Dealer) -> None:
    def counted() -> int:
        with count_queries() as statements:
            browser.get("/settings/users")
        return len(statements)

    counted()
    one = counted()
    for number in range(5):
        build.user(f"user-{number}", alices)
    assert counted() == one


def few_rights(build: Build, login: Login, dealer: Dealer) -> FlaskClient:
    """Erika manages users and edits vehicles, and may neither unlock nor change settings."""
    return login(build.user("erika", dealer, rights=("view", "edit_vehicles", "manage_users")))


def test_nobody_gives_a_right_that_he_does_not_have(
    build: Build, login: Login, session: Session, alices: Dealer
) -> None:
    erika, bob = few_rights(build, login, alices), build.bob(alices)
    answer = erika.post("/settings/users/new", data=DORA | {"rights": ["unlock", "edit_vehicles"]})
    assert answer.status_code == 422
    assert "Diese Rechte haben Sie selbst nicht: Sperren aufheben" in answer.text
    assert len(session.scalars(select(User)).all()) == 2
    data = {"name": "Bob", "email": "bob@example.org"}
    assert erika.post(f"/settings/users/{bob.id}", data=data | {"rights": ["settings"]}).status_code == 422
    assert fresh(session, User, bob.id).rights == ["view"]
    assert (
        erika.post(f"/settings/users/{bob.id}", data=data | {"rights": ["edit_vehicles"]}).status_code == 303
    )
    assert fresh(session, User, bob.id).rights == ["view", "edit_vehicles"]


def test_nobody_gives_himself_a_right(build: Build, login: Login, session: Session, alices: Dealer) -> None:
    erika = few_rights(build, login, alices)
    herself = session.scalars(select(User).where(User.login == "erika")).one()
    data = {"name": "Erika", "email": "erika@example.org", "rights": list(RIGHTS)}
    assert erika.post(f"/settings/users/{herself.id}", data=data).status_code == 422
    assert "unlock" not in fresh(session, User, herself.id).rights


def test_the_address_of_somebody_with_more_rights_is_not_changed(
    build: Build, login: Login, session: Session, alices: Dealer, alice: User
) -> None:
    """A new password would be sent there."""
    erika = few_rights(build, login, alices)
    data = {"name": "Alice", "email": "erika@example.org", "rights": ["manage_users"]}
    erika.post(f"/settings/users/{alice.id}", data=data)
    assert "Rechte, die Ihnen fehlen" in erika.get("/settings/users").text
    saved = fresh(session, User, alice.id)
    assert (saved.email, saved.rights) == ("", list(RIGHTS))


def test_the_form_offers_only_what_one_may_give(build: Build, login: Login, alices: Dealer) -> None:
    page = few_rights(build, login, alices).get("/settings/users/new").text
    boxes = {part.split('"')[0]: part.split(">")[0] for part in page.split('name="rights" value="')[1:]}
    assert {right for right, rest in boxes.items() if "disabled" in rest} == {
        "activate_apps",
        "unlock",
        "full_transfer",
        "settings",
    }
    assert {right for right, rest in boxes.items() if "checked" in rest} == {"view", "edit_vehicles"}


@pytest.mark.parametrize("deed", ["rights", "deactivate"])
def test_two_managers_never_remove_each_other(
    browser: FlaskClient,
    build: Build,
    login: Login,
    session: Session,
    alices: Dealer,
    alice: User,
    deed: str,
) -> None:
    """In the same moment: both requests have begun before either may write."""
    bob = build.user("bob", alices)
    pairs = [(browser, bob), (login(bob), alice)]
    session.execute(select(Dealer).where(Dealer.id == alices.id).with_for_update())
    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(remove, client, other, deed) for client, other in pairs]
        wait_for_blocked(session, 2)
        session.commit()
    assert sorted(answer.result() for answer in answers) == [303, 403]
    session.expire_all()
    managing = [
        user.login for user in session.scalars(select(User)) if user.active and user.may("manage_users")
    ]
    assert len(managing) == 1


def remove(client: FlaskClient, other: User, deed: str) -> int:
    path = f"/settings/users/{other.id}"
    if deed == "deactivate":
        return client.post(f"{path}/deactivate").status_code
    return client.post(path, data={"name": "X", "email": "x@example.org", "rights": ["view"]}).status_code


def wait_for_blocked(session: Session, number: int) -> None:
    """Until so many others wait for a lock."""
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    with Session(session.get_bind()) as look:
        while look.scalar(waiting) != number:
            look.rollback()
            sleep(0.02)


@pytest.mark.parametrize("deed", ["deactivate", "activate", "invite"])
def test_nobody_locks_out_or_lets_in_who_may_more(
    build: Build, alices: Dealer, alice: User, login: Login, session: Session, deed: str
) -> None:
    manager = login(build.user("mona", alices, rights=("view", "manage_users")))
    owner = build.user("olga", alices, active=deed != "activate")
    if deed == "invite":
        owner.password_hash = ""
        session.commit()
    manager.post(f"/settings/users/{owner.id}/{deed}")
    assert fresh(session, User, owner.id).active == (deed != "activate")
    assert session.scalars(select(Mail)).all() == []
    assert "Rechte, die Ihnen fehlen" in manager.get("/settings/users").text


@pytest.mark.parametrize(
    "name", ["https://evil.example", "Gewonnen evil.com", "www.evil", "evil.com/x", "a@evil", "<b>Dora</b>"]
)
def test_no_name_becomes_a_link_in_a_mail(
    browser: FlaskClient, alice: User, session: Session, name: str
) -> None:
    assert invite(browser, name=name) == 422
    assert session.scalars(select(Mail)).all() == []
    browser.post("/account", data={"name": name, "email": alice.email})
    assert fresh(session, User, alice.id).name == "Alice"


@pytest.mark.parametrize("host", ["www.evil", "evil.com", "evil.example.shop"])
def test_no_login_becomes_a_link_in_a_mail(browser: FlaskClient, session: Session, host: str) -> None:
    assert invite(browser, login=host) == 422
    assert session.scalars(select(Mail)).all() == []


@pytest.mark.parametrize("name", ["Dr. Dora Maier", "J.R. Neu", "Dora Neu-Müller"])
def test_names_of_people_are_names(browser: FlaskClient, name: str) -> None:
    assert invite(browser, name=name, login="dora.neu") == 303


@pytest.mark.usefixtures("limits")
def test_a_dealer_invites_so_many_a_day(
    browser: FlaskClient, build: Build, alices: Dealer, login: Login
) -> None:
    """However many of its people share it out among them."""
    others = [login(build.user(f"mona-{number}", alices)) for number in range(2)]
    statuses = [
        others[number % 2].post("/settings/users/new", data={"login": "x"}).status_code
        for number in range(101)
    ]
    assert statuses[:100] == [422] * 100
    assert statuses[100] == 429
