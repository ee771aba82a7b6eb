"""The inbox and the bell in the frame."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.models import Dealer, User
from portal.models.notifications import Notification
from tests.builders import Build, fresh
from tests.conftest import count_queries

Login = Callable[[User], FlaskClient]
HERE, READ = "/notifications", "/notifications/read"


@pytest.fixture
def house(build: Build) -> Dealer:
    return build.dealer()


@pytest.fixture
def alice_row(build: Build, house: Dealer) -> User:
    return build.alice(house)


@pytest.fixture
def alice(alice_row: User, login: Login) -> FlaskClient:
    return login(alice_row)


@pytest.fixture
def line(build: Build) -> Callable[..., Notification]:
    def line(user: User, **columns: Any) -> Notification:
        plausible = {"kind": "stopped", "title": "mobile.de ist angehalten", "body": "Warum.", "url": "/apps"}
        row: Notification = build._add(Notification(user_id=user.id, **(plausible | columns)))
        return row

    return line


Line = Callable[..., Notification]


def read_at(session: Session, row: Notification) -> Any:
    return fresh(session, Notification, row.id).read_at


def test_an_empty_inbox_says_so(alice: FlaskClient) -> None:
    page = alice.get(HERE).text
    assert "Noch keine Benachrichtigungen" in page
    assert 'aria-label="Benachrichtigungen"' in page


def test_lines_stand_newest_first_and_lead_into_the_portal(
    alice: FlaskClient, alice_row: User, line: Line
) -> None:
    line(alice_row, title="Zuerst")
    line(alice_row, title="Danach", url="/apps/4711")
    page = alice.get(HERE).text
    assert page.index("Danach") < page.index("Zuerst")
    assert 'href="/apps/4711"' in page


def test_the_bell_counts_on_every_page_without_a_query_of_its_own(
    alice: FlaskClient, alice_row: User, line: Line
) -> None:
    alice.get("/help")
    with count_queries() as before:
        assert "ungelesen" not in alice.get("/help").text
    for _ in range(3):
        line(alice_row)
    line(alice_row, read_at=datetime.now(UTC))
    with count_queries() as after:
        page = alice.get("/help").text
    assert page.count('aria-label="Benachrichtigungen, 3 ungelesen"') == 2
    assert len(after) == len(before)


@pytest.mark.parametrize(
    ("unread", "label"), [(1, "1 ungelesen"), (99, "99 ungelesen"), (120, "99+ ungelesen")]
)
def test_how_many_are_unread(
    build: Build, alice: FlaskClient, alice_row: User, unread: int, label: str
) -> None:
    build.session.add_all(
        Notification(user_id=alice_row.id, kind="stopped", title=str(number)) for number in range(unread)
    )
    build.session.commit()
    assert f"Benachrichtigungen, {label}" in alice.get("/help").text


def test_one_line_is_marked_as_read(
    session: Session, alice: FlaskClient, alice_row: User, line: Line
) -> None:
    one, other = line(alice_row), line(alice_row)
    answer = alice.post(READ, data={"id": str(one.id), "back": "/notifications?show=unread"})
    assert answer.location == "/notifications?show=unread"
    assert read_at(session, one) is not None
    assert read_at(session, other) is None


def test_opening_a_line_marks_it_and_goes_on(
    session: Session, alice: FlaskClient, alice_row: User, line: Line
) -> None:
    one = line(alice_row, url="/apps/4711")
    assert alice.post(READ, data={"id": str(one.id), "open": "1"}).location == "/apps/4711"
    assert read_at(session, one) is not None


def test_it_never_leads_out_of_the_portal(alice: FlaskClient, alice_row: User, line: Line) -> None:
    one = line(alice_row, url="https://evil.example/")
    assert alice.post(READ, data={"id": str(one.id), "open": "1"}).location == HERE
    assert alice.post(READ, data={"all": "1", "back": "//evil.example"}).location == HERE


def test_all_of_mine_are_marked_and_nobody_elses(
    build: Build, session: Session, house: Dealer, alice: FlaskClient, alice_row: User, line: Line
) -> None:
    mine, bobs = [line(alice_row) for _ in range(3)], line(build.bob(house))
    alice.post(READ, data={"all": "1"})
    assert all(read_at(session, row) is not None for row in mine)
    assert read_at(session, bobs) is None
    assert "ungelesen" not in alice.get(HERE).text


def test_another_users_line_is_neither_seen_nor_marked(
    build: Build, session: Session, house: Dealer, alice: FlaskClient, line: Line
) -> None:
    theirs = [line(build.bob(house), title="Bobs"), line(build.charlie(), title="Charlies")]
    page = alice.get(HERE).text
    assert "Bobs" not in page
    assert "Charlies" not in page
    for row in theirs:
        assert alice.post(READ, data={"id": str(row.id), "open": "1"}).location == HERE
        assert read_at(session, row) is None


@pytest.mark.parametrize(
    "wrong", ["", "nonsense", "00000000-0000-0000-0000-000000000000\x00", str(UUID(int=7))]
)
def test_an_id_that_is_none(
    session: Session, alice: FlaskClient, alice_row: User, line: Line, wrong: str
) -> None:
    row = line(alice_row)
    assert alice.post(READ, data={"id": wrong}).status_code == 303
    assert read_at(session, row) is None
    assert alice.get(f"{HERE}?before={wrong}").status_code == 200


def test_only_unread_lines_on_demand(alice: FlaskClient, alice_row: User, line: Line) -> None:
    line(alice_row, title="Gelesenes", read_at=datetime.now(UTC))
    line(alice_row, title="Neues")
    page = alice.get(f"{HERE}?show=unread").text
    assert "Neues" in page
    assert "Gelesenes" not in page


def test_older_lines_are_paged_by_key(alice: FlaskClient, alice_row: User, line: Line) -> None:
    for number in range(35):
        line(alice_row, title=f"Zeile {number:02}")
    alice.get(HERE)
    with count_queries() as queries:
        first = alice.get(HERE).text
    assert len(queries) == 3
    assert first.partition("</main>")[0].count("Zeile ") == 30 * 3
    older = first.partition('href="/notifications?before=')[2].partition('"')[0]
    second = alice.get(f"{HERE}?before={older}").text
    assert "Zeile 04" in second
    assert "Zeile 05" not in second


def test_what_somebody_wrote_is_shown_as_text(alice: FlaskClient, alice_row: User, line: Line) -> None:
    line(alice_row, title="<script>alert(1)</script>", body='"><img src=x onerror=alert(1)>')
    page = alice.get(HERE).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
