"""Problems become inbox lines and mails: who is told, once, and told when it is over."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from portal.models import Activation, Dealer, User
from portal.models.exports import LockEnd, LockRule
from portal.models.notifications import Mail, Notification, Problem
from portal.models.runs import Lock
from portal.notifications import run as notifications_run
from portal.notifications.notify import EmailPreference, notify_all, set_email_preferences
from portal.notifications.problems import STOPPED_INSTEAD, ProblemKind, close_problem, open_problem
from portal.security.links import Validity, read_unlock
from tests.builders import Build, fresh
from tests.notifications.office import Office
from tests.words import german

Sessions = sessionmaker[Session]
CANARY = "canary-secret-4711"


@pytest.fixture
def activation(build: Build, house: Dealer) -> Activation:
    return build.activation(house)


@pytest.fixture
def happen(sessions: Sessions, activation: Activation) -> Callable[..., None]:
    """`happen("stopped")` opens a problem of the activation, as the engine does."""

    def happen(kind: str, **more: Any) -> None:
        with sessions.begin() as session:
            row = session.get_one(Activation, activation.id)
            open_problem(session, row, ProblemKind(kind), **more)

    return happen


@pytest.fixture
def end(sessions: Sessions, activation: Activation) -> Callable[..., None]:
    def end(kind: str, how: str = "healed") -> None:
        with sessions.begin() as session:
            close_problem(session, activation.id, ProblemKind(kind), how)

    return end


@pytest.fixture
def go(sessions: Sessions, mail_settings: Settings) -> Callable[[], int]:
    return lambda: notifications_run.run_once(sessions, mail_settings)


@pytest.fixture
def fail_for_long(happen: Callable[..., None]) -> None:
    """A platform that takes nothing since the morning of 24 November, as the engine notes it."""
    detail = {
        "since": "2026-11-24T09:42:00+00:00",
        "reason": "mobile.de wird gewartet (503)",
        "stops_at": "2026-11-29T09:42:00+00:00",
    }
    happen("failing", detail=detail)


def test_the_mail_of_a_failure_names_since_when_and_the_day_of_the_stop(
    session: Session, alice: User, fail_for_long: None, go: Callable[[], int]
) -> None:
    go()
    [line] = session.scalars(select(Notification))
    assert "wird die App am 29.11.2026 angehalten" in german(line.body)


def test_a_failure_that_becomes_a_stop_is_not_told_as_solved(
    session: Session,
    alice: User,
    fail_for_long: None,
    end: Callable[..., None],
    happen: Callable[..., None],
    go: Callable[[], int],
) -> None:
    go()
    end("failing", STOPPED_INSTEAD)
    happen("stopped")
    go()
    lines = session.scalars(select(Notification).order_by(Notification.id)).all()
    assert [(line.kind, line.read_at is None) for line in lines] == [("failing", False), ("stopped", True)]


def lock(build: Build, activation: Activation, **columns: Any) -> Lock:
    numbers = {"online": 60, "deletions": 8, "creations": 0, "deletion_limit": 6, "creation_limit": 12}
    numbers |= {"deletions_done": 0, "creations_done": 0}
    row: Lock = build._add(
        Lock(activation_id=activation.id, **({"rule": LockRule.DELETIONS} | numbers | columns))
    )
    return row


def inbox(sessions: Sessions, user: User) -> list[Notification]:
    with sessions() as session:
        mine = select(Notification).where(Notification.user_id == user.id).order_by(Notification.id)
        return list(session.scalars(mine))


def told(sessions: Sessions) -> set[str]:
    """Who has a line in the inbox."""
    with sessions() as session:
        names = select(User.login).join(Notification, Notification.user_id == User.id)
        return set(session.scalars(names))


Happen = Callable[..., None]
Go = Callable[[], int]


def test_one_problem_is_one_line_and_one_mail(
    sessions: Sessions, alice: User, happen: Happen, go: Go, office: Office, rings: list[str]
) -> None:
    happen("stopped")
    happen("stopped")
    assert rings == ["ring", "ring"]
    assert go() == 1
    happen("stopped")
    assert go() == 0
    assert [german(line.title) for line in inbox(sessions, alice)] == ["mobile.de ist angehalten"]
    assert office.recipients() == ["alice@example.org"]


def test_the_lock_mail_says_it_in_five_lines_with_one_button(
    build: Build,
    alice: User,
    activation: Activation,
    happen: Happen,
    go: Go,
    office: Office,
    settings: Settings,
) -> None:
    closed = lock(build, activation)
    happen("lock", subject_id=closed.id)
    go()
    [mail] = office.mails()
    assert mail.subject == "mobile.de ist gesperrt: 8 Löschungen standen an"
    lines = mail.text.replace("\r\n", "\n").split("\n\n")
    assert len(lines) == 7
    assert lines[0].startswith("mobile.de (Kd-Nr. 4711001, Hamburg (HH)) ist seit ")
    assert lines[1] == "8 Löschungen standen an, mehr als die üblichen 6 bei 60 Inseraten."
    button, url = lines[5].split("\n")
    assert button == "Fahrzeuge prüfen:"
    assert url.startswith("https://portal.example/unlock/")
    token = read_unlock(settings, url.rpartition("/")[2])
    assert (token.validity, token.lock_id, token.recipient) == (Validity.GOOD, closed.id, alice.id)
    assert mail.html.count("<a ") == 1
    assert f'href="{url}"' in mail.html


@pytest.mark.parametrize(
    ("rule", "title"),
    [
        (LockRule.CREATIONS, "mobile.de ist gesperrt: 31 Neuanlagen standen an"),
        (LockRule.EMPTIED, "mobile.de ist gesperrt: Ihr Bestand ist leer"),
        (LockRule.TRUNCATED, "mobile.de ist gesperrt: Der letzte Import brach ab"),
    ],
)
def test_every_rule_has_its_words(
    build: Build,
    sessions: Sessions,
    alice: User,
    activation: Activation,
    happen: Happen,
    go: Go,
    rule: str,
    title: str,
) -> None:
    happen("lock", subject_id=lock(build, activation, rule=rule, creations=31).id)
    go()
    [line] = inbox(sessions, alice)
    assert german(line.title) == title
    assert "60" in german(line.body)


def test_the_link_in_the_mail_lies_nowhere_once_it_is_sent(
    build: Build, session: Session, alice: User, activation: Activation, happen: Happen, go: Go
) -> None:
    happen("lock", subject_id=lock(build, activation).id)
    go()
    [line], [mail] = session.scalars(select(Notification)).all(), session.scalars(select(Mail)).all()
    shown = (german(line.title), german(line.body), line.url, mail.subject, mail.plain, mail.html, mail.error)
    assert "unlock" not in "".join(shown)


def test_of_a_lock_those_are_told_who_were_picked(
    build: Build, sessions: Sessions, house: Dealer, alice: User, happen: Happen, go: Go
) -> None:
    bob = build.user("bob", house, rights=("view",))
    house.inform_on_lock = [bob.id]
    build.session.commit()
    happen("lock")
    happen("file_held")
    happen("stopped")
    go()
    assert [line.kind for line in inbox(sessions, bob)] == ["lock", "file_held"]
    assert [line.kind for line in inbox(sessions, alice)] == ["stopped"]


@pytest.mark.parametrize(
    ("kind", "right"),
    [
        ("lock", "unlock"),
        ("file_held", "unlock"),
        ("stopped", "activate_apps"),
        ("failing", "activate_apps"),
        ("reconciliation", "activate_apps"),
    ],
)
def test_else_those_at_that_location_who_can_do_something(
    build: Build,
    sessions: Sessions,
    house: Dealer,
    activation: Activation,
    happen: Happen,
    go: Go,
    kind: str,
    right: str,
) -> None:
    here, there = activation.location_id, build.location(house, "B").id
    build.user("here", house, rights=("view", right), location_ids=[here, there])
    build.user("everywhere", house, rights=("view", right))
    build.user("elsewhere", house, rights=("view", right), location_ids=[there])
    build.user("powerless", house, rights=("view", "settings"))
    build.user("gone", house, rights=("view", right), active=False)
    build.charlie()
    build.sam()
    happen(kind)
    go()
    assert told(sessions) == {"here", "everywhere"}


def test_nobody_is_picked_any_more_who_has_left(
    build: Build, sessions: Sessions, house: Dealer, alice: User, happen: Happen, go: Go
) -> None:
    gone = build.user("gone", house, active=False)
    house.inform_on_lock = [gone.id]
    build.session.commit()
    happen("lock")
    go()
    assert told(sessions) == {"alice"}


def test_everybody_is_told_in_his_own_way(
    build: Build, sessions: Sessions, house: Dealer, alice: User, happen: Happen, go: Go, office: Office
) -> None:
    bob = build.user("bob", house, email="bob@example.org")
    carl = build.user("carl", house, email="carl@example.org")
    build.user("dora", house)
    set_email_preferences(bob, {ProblemKind.STOPPED: EmailPreference.OFF})
    set_email_preferences(carl, {ProblemKind.STOPPED: EmailPreference.DIGEST})
    build.session.commit()
    happen("stopped")
    happen("failing")
    go()
    assert sorted(office.recipients()) == sorted(
        ["alice@example.org", "alice@example.org", "bob@example.org", "carl@example.org"]
    )
    assert {len(inbox(sessions, user)) for user in (alice, bob, carl)} == {2}
    assert told(sessions) == {"alice", "bob", "carl", "dora"}
    assert [line.digest for line in inbox(sessions, carl)] == [True, False]


def test_that_it_is_over_is_told_to_those_who_knew(
    build: Build,
    sessions: Sessions,
    house: Dealer,
    alice: User,
    activation: Activation,
    happen: Happen,
    end: Happen,
    go: Go,
    office: Office,
) -> None:
    closed = lock(build, activation)
    happen("lock", subject_id=closed.id)
    go()
    build.user("late", house, email="late@example.org")
    closed.closed_at, closed.closed_by = datetime.now(UTC), alice.id
    build.session.commit()
    end("lock", LockEnd.APPROVED)
    go()
    go()
    opening, over = inbox(sessions, alice)
    assert opening.read_at is not None
    assert (german(over.title), over.read_at) == ("Gelöst: mobile.de ist nicht mehr gesperrt", None)
    assert german(over.body) == "Alice hat zugestimmt. Was wartete, wird jetzt übertragen."
    assert office.recipients() == ["alice@example.org", "alice@example.org"]
    assert office.mails()[1].subject == "Gelöst: mobile.de ist nicht mehr gesperrt"
    assert "Alice hat zugestimmt." in office.mails()[1].text


@pytest.mark.parametrize("kind", list(ProblemKind))
@pytest.mark.parametrize("how", [*LockEnd, "resolved", "whatever"])
def test_every_end_of_every_kind_is_said(
    sessions: Sessions, alice: User, happen: Happen, end: Happen, go: Go, kind: str, how: str
) -> None:
    happen(kind)
    go()
    end(kind, how)
    go()
    _, over = inbox(sessions, alice)
    assert german(over.title).startswith("Gelöst: ")
    assert german(over.body).endswith(".")


def test_what_was_over_before_anybody_knew_is_not_worth_a_mail(
    sessions: Sessions, session: Session, alice: User, happen: Happen, end: Happen, go: Go, office: Office
) -> None:
    happen("failing")
    end("failing")
    go()
    assert inbox(sessions, alice) == []
    assert office.mails() == []
    [problem] = session.scalars(select(Problem)).all()
    assert problem.told_at is not None
    assert problem.told_end_at is not None


def test_a_problem_that_comes_back_is_told_again(
    sessions: Sessions, alice: User, happen: Happen, end: Happen, go: Go
) -> None:
    for _ in range(2):
        happen("failing")
        go()
        end("failing")
        go()
    assert len(inbox(sessions, alice)) == 4


def test_two_tellers_tell_it_once(
    sessions: Sessions, mail_settings: Settings, alice: User, happen: Happen, activation: Activation
) -> None:
    for kind in ProblemKind:
        happen(kind)
    begin = threading.Barrier(3)

    def run() -> None:
        begin.wait()
        notify_all(sessions, mail_settings)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(line.kind for line in inbox(sessions, alice)) == sorted(ProblemKind)


def test_a_lock_that_is_gone_is_still_told_of(
    sessions: Sessions, alice: User, happen: Happen, go: Go
) -> None:
    happen("lock", subject_id=alice.id)
    go()
    assert [german(line.title) for line in inbox(sessions, alice)] == ["mobile.de ist gesperrt"]


def test_the_cause_of_a_stop_is_named_and_nothing_secret_is(
    build: Build,
    session: Session,
    sessions: Sessions,
    house: Dealer,
    alice: User,
    activation: Activation,
    happen: Happen,
    end: Happen,
    go: Go,
    office: Office,
) -> None:
    """Whatever lies beside the problem stays there: settings, secrets, account, hashes, detail."""
    activation.secrets, activation.settings = CANARY, {"password": CANARY}
    activation.account = {"seller_key": CANARY}
    activation.feed_token, activation.host_key = CANARY, CANARY
    activation.stop_cause, activation.stop_detail = "credentials", f"401 for portal:{CANARY}"
    alice.password_hash = alice.totp_secret = CANARY
    build.session.commit()
    for kind in ProblemKind:
        happen(kind, detail={"token": CANARY})
    go()
    for kind in ProblemKind:
        end(kind)
    go()
    everything = [mail.message.as_string() + mail.text + mail.html for mail in office.mails()]
    everything += [f"{german(line.title)} {german(line.body)} {line.url}" for line in inbox(sessions, alice)]
    assert len(everything) == 4 * len(ProblemKind)
    assert [text for text in everything if CANARY in text] == []
    assert "Die Plattform nimmt die Zugangsdaten nicht an." in "".join(everything)
    assert fresh(session, User, alice.id).password_hash == CANARY
