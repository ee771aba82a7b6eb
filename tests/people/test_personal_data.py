"""What is held about a person comes out as one document, and goes when they are deleted."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import delete, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, object_session

from portal.audit import Who
from portal.blueprints.api.keys import OFFERED, make_key
from portal.models import (
    ApiKey,
    AuditEvent,
    Base,
    CustomerNumber,
    Dealer,
    DropAccess,
    LoginSession,
    LoginThrottle,
    Mail,
    StockSource,
    SupportSession,
    User,
)
from portal.models.accounts import DELETED, RIGHTS
from portal.people.personal_data import as_document, delete_person, held_about
from tests.builders import Build
from tests.words import german

Login = Callable[[User], FlaskClient]
BOB = ("Bob Bastler", "bob@nordlicht.example", "bobs-login")


@pytest.fixture
def alice(build: Build, alices: Dealer) -> User:
    return build.user("alice", alices, rights=RIGHTS)


@pytest.fixture
def bob(build: Build, alices: Dealer) -> User:
    name, email, user_login = BOB
    bob = build.user(user_login, alices, rights=("view", "settings"))
    bob.name, bob.email = name, email
    alices.inform_on_lock = [bob.id]
    build.session.add_all(
        [
            LoginThrottle(login=user_login, origin="192.0.2.9", failures=2),
            Mail(user_id=bob.id, dealer_id=alices.id, recipient=email, subject="Einladung"),
            CustomerNumber(platform="mobile.de", number="1", dealer_id=alices.id, requested_by=name),
        ]
    )
    build.session.commit()
    return bob


def again(row: Any) -> Any:
    """The row as it lies in the database now."""
    session = object_session(row)
    assert session
    session.rollback()
    session.refresh(row)
    return row


def acted(client: FlaskClient) -> None:
    """Something that is on record."""
    client.post("/account", data={"name": BOB[0], "email": BOB[1], "language": "en"})
    client.post("/settings/locations/new", data={"code": "KI", "name": "Kiel"})


def traces(session: Session) -> list[str]:
    """Tables in which Bob's name, address or login lies."""
    session.rollback()
    query = 'SELECT count(*) FROM "{}" t WHERE t::text ILIKE ANY(:needles)'
    needles = [f"%{word}%" for word in BOB]
    names = [table.name for table in Base.metadata.sorted_tables]
    return [name for name in names if session.scalar(text(query.format(name)), {"needles": needles})]


def erase(client: FlaskClient, user: User, confirm: str = BOB[2]) -> Any:
    return client.post(f"/settings/users/{user.id}/delete", data={"confirm_login": confirm})


def test_the_document_tells_what_is_known_and_no_secret(
    build: Build, session: Session, bob: User, login: Login
) -> None:
    client = login(bob)
    acted(client)
    answer = client.get("/account/data.json")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert "attachment" in answer.headers["Content-Disposition"]
    held = answer.json
    assert (held["account"]["name"], held["account"]["email"], held["account"]["login"]) == BOB
    assert held["account"]["rights"] == ["view", "settings"]
    assert "settings.changed" in [line["what"] for line in held["actions"]]
    assert [mail["subject"] for mail in held["mails"]] == ["Einladung"]
    assert held["failed_logins"] == [{"origin": "192.0.2.9", "failures": 2, "blocked_until": None}]
    assert len(held["logins"]) == 1
    for secret in (bob.password_hash, *session.scalars(select(LoginSession.token_hash))):
        assert secret not in answer.text
    assert "user.data_exported" in list(session.scalars(select(AuditEvent.what)))


def test_every_table_that_names_a_user_is_in_the_document(bob: User, session: Session) -> None:
    """Those that name who did something with a vehicle or an app tell it in the log."""
    from portal.people.personal_data import holdings

    told = {holding.table.__tablename__ for holding in holdings(bob)}
    named = {
        key.parent.table.name
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name == "user"
    }
    assert named - told <= {"run", "lock"}
    json.loads(as_document(held_about(session, bob)))


def test_a_manager_takes_a_users_data_and_nobody_else_does(
    build: Build, alice: User, bob: User, alices: Dealer, login: Login
) -> None:
    charlie, sam = build.charlie(), build.sam()
    path = f"/settings/users/{bob.id}/data.json"
    assert login(alice).get(path).json["account"]["login"] == BOB[2]
    assert login(bob).get(path).status_code == 403
    assert login(charlie).get(path).status_code == 404
    soon = datetime.now(UTC) + timedelta(hours=1)
    agent = login(sam)
    key = build.session.scalars(select(LoginSession.id).where(LoginSession.user_id == sam.id)).one()
    visit = SupportSession(agent_id=sam.id, dealer_id=alices.id, reason="x" * 10, expires_at=soon)
    visit.login_session_id, visit.changes_since = key, datetime.now(UTC)
    build.session.add(visit)
    build.session.commit()
    assert agent.get("/vehicles").status_code == 200
    assert agent.get(path).status_code == 403
    assert erase(agent, bob).status_code == 403
    assert again(bob).deleted_at is None


def test_a_manager_with_fewer_rights_neither_reads_nor_deletes(
    build: Build, alice: User, alices: Dealer, login: Login
) -> None:
    dora = login(build.user("dora", alices, rights=("view", "manage_users")))
    assert dora.get(f"/settings/users/{alice.id}/data.json").status_code == 303
    assert erase(dora, alice, "alice").status_code == 303
    assert again(alice).deleted_at is None


def test_a_deleted_person_leaves_no_trace_but_an_empty_row(
    build: Build, session: Session, alice: User, bob: User, alices: Dealer, login: Login
) -> None:
    client = login(bob)
    acted(client)
    key, plain = make_key(session, bob, "Werkstatt", OFFERED)
    session.commit()
    assert traces(session)
    answer = erase(login(alice), bob)
    assert answer.headers["Location"] == "/settings/users"
    assert traces(session) == []
    lines = session.execute(select(AuditEvent.what, AuditEvent.actor).where(AuditEvent.user_id == bob.id))
    said = {what: german(actor) for what, actor in lines}
    assert said["settings.changed"] == "Gelöschter Benutzer"
    assert client.get("/vehicles").status_code == 303, "the login has ended"
    headers = {"Authorization": f"Bearer {plain}"}
    assert client.get("/api/v1/vehicles", headers=headers).status_code == 401
    assert again(key).revoked_at
    assert bob.id not in again(alices).inform_on_lock
    assert not again(bob).active


def test_a_deleted_person_is_in_no_list_and_comes_back_by_nothing(
    build: Build, alice: User, bob: User, login: Login, runner: FlaskCliRunner
) -> None:
    client = login(alice)
    erase(client, bob)
    assert "Bob Bastler ist gelöscht." in client.get("/settings/users").text
    assert BOB[0] not in client.get("/settings/users").text
    assert client.get(f"/settings/users/{bob.id}").status_code == 404
    assert client.post(f"/settings/users/{bob.id}/activate").status_code == 404
    gone = again(bob).login
    assert runner.invoke(args=["change-user", gone, "--activate"]).exit_code == 1
    invited = {"login": BOB[2], "name": "Bob", "email": BOB[1], "rights": ["view"]}
    assert client.post("/settings/users/new", data=invited).status_code == 303, "the login is free"


def test_the_login_is_typed_once_more_and_nobody_deletes_themselves(
    alice: User, bob: User, login: Login
) -> None:
    client = login(alice)
    erase(client, bob, "bob")
    erase(client, alice, "alice")
    assert again(bob).deleted_at is None
    assert again(alice).deleted_at is None


def test_the_last_who_manages_users_stays(
    build: Build, alice: User, bob: User, runner: FlaskCliRunner
) -> None:
    said = runner.invoke(args=["delete-person", "alice", "--yes"])
    assert said.exit_code == 1
    assert "last" in said.output
    assert again(alice).deleted_at is None
    assert runner.invoke(args=["delete-person", BOB[2], "--yes"]).exit_code == 0
    assert again(bob).deleted_at


def test_the_operator_takes_data_by_a_command(bob: User, runner: FlaskCliRunner) -> None:
    said = runner.invoke(args=["export-person", BOB[2]])
    assert json.loads(said.output)["account"]["email"] == BOB[1]
    assert runner.invoke(args=["export-person", "nobody"]).exit_code == 1


def test_what_an_agent_did_outlives_the_agent(
    build: Build, session: Session, alice: User, alices: Dealer, login: Login, runner: FlaskCliRunner
) -> None:
    sam = build.sam()
    visit = SupportSession(
        agent_id=sam.id, dealer_id=alices.id, reason="Hilfe bei Bildern", expires_at=datetime.now(UTC)
    )
    session.add(visit)
    session.commit()
    assert runner.invoke(args=["delete-person", "sam", "--yes"]).exit_code == 0
    page = login(alice).get("/settings/access").text
    assert "Hilfe bei Bildern" in page
    assert "Gelöschter Benutzer" in page
    assert again(visit).ended_at
    with pytest.raises(IntegrityError):
        session.execute(delete(User).where(User.id == sam.id))
    session.rollback()


def test_keys_of_the_deleted_end(session: Session, bob: User, runner: FlaskCliRunner) -> None:
    make_key(session, bob, "Werkstatt", OFFERED)
    session.commit()
    runner.invoke(args=["delete-person", BOB[2], "--yes"])
    assert [key.revoked_at is not None for key in session.scalars(select(ApiKey))] == [True]


def test_nobody_comes_into_a_drop_folder_that_the_deleted_opened(
    session: Session, alices: Dealer, bob: User, runner: FlaskCliRunner
) -> None:
    source = StockSource(
        dealer_id=alices.id, location_id=alices.locations[0].id, name="DMS", partial=True, settings={}
    )
    session.add(source)
    session.flush()
    session.add(
        DropAccess(
            source_id=source.id, login="nord-1", public_keys=[f"ssh-ed25519 AAAA {BOB[1]}"], user_id=bob.id
        )
    )
    session.commit()
    runner.invoke(args=["delete-person", BOB[2], "--yes"])
    access = again(session.scalars(select(DropAccess)).one())
    assert (access.public_keys, access.user_id) == ([], None)


def test_who_has_the_same_name_at_another_dealer_or_with_the_operator_stays_named(
    build: Build, bob: User, session: Session
) -> None:
    name, elsewhere = BOB[0], build.dealer()
    sam = build.sam()
    sam.name = name
    asked = {"platform": "mobile.de", "dealer_id": elsewhere.id}
    session.add_all(
        [
            CustomerNumber(number="2", requested_by=name, decided_by=name, **asked),
            CustomerNumber(number="3", requested_by="Charlie", **asked),
        ]
    )
    session.flush()

    def named() -> dict[str, tuple[str, str]]:
        session.expire_all()
        rows = session.scalars(select(CustomerNumber).order_by(CustomerNumber.number))
        return {row.number: (row.requested_by, row.decided_by) for row in rows}

    assert held_about(session, bob)["customer_numbers_requested_by"] == [
        {"platform": "mobile.de", "number": "1"}
    ]
    delete_person(session, Who(name="Alice"), bob)
    assert named()["2"] == (name, name)
    delete_person(session, Who(name="Alice"), sam)
    after = named()
    assert after["1"][0] == str(DELETED)
    assert after["2"] == (name, str(DELETED))
