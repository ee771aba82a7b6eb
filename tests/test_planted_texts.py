"""Script, markup and formulas in every text of a dealer, a file or a platform: shown, never run."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import String, update
from sqlalchemy.orm import Session

from portal.models import Activation, Base, Dealer, Listing, Transfer, User, Vehicle
from portal.models.exports import TransferState
from tests.builders import Build
from tests.test_url_map import SAFE, calls, objects_of

Login = Callable[[User], FlaskClient]
EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}"
FEEDBACK = [{"code": EVIL, "text": EVIL, "field": "mileage", "platform_text": EVIL, "who": "dealer"}]


class Tags(HTMLParser):
    """Names of elements and of attributes that would run something."""

    def __init__(self) -> None:
        super().__init__()
        self.alarming: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "script" and not (values.get("src") or "").startswith("/static/"):
            self.alarming.append("inline script")
        if tag == "img" and values.get("src") == "x":
            self.alarming.append("planted image")
        self.alarming += [name for name in values if name.startswith("on") or name == "style"]
        self.alarming += [
            f"{name}={value}"
            for name, value in attrs
            if name in ("href", "src", "action")
            and re.match(r"\s*(javascript|vbscript|data:text)", value or "", re.I)
        ]


@pytest.fixture
def planted(build: Build, session: Session) -> tuple[User, dict[str, object]]:
    """A dealer whose every free text is evil."""
    dealer = build.dealer()
    alice = build.alice(dealer)
    values = objects_of(build, dealer)
    texts = {
        "make": EVIL[:60],
        "model": EVIL[:60],
        "model_description": EVIL,
        "description": EVIL,
        "contact": EVIL,
    }
    vehicle = session.get_one(Vehicle, values["vehicle_id"])
    vehicle.set_facts(vehicle.facts().model_copy(update=texts))
    activation = values["activation_id"]
    bad = {"last_result": "rejected", "last_feedback": FEEDBACK, "url": "javascript:alert(3)"}
    session.execute(update(Listing).where(Listing.activation_id == activation).values(**bad))
    changes = [{"field": EVIL, "label": EVIL, "old": EVIL, "new": EVIL}]
    attempts = [{"at": "2026-01-01T00:00:00+00:00", "outcome": "rejected", "detail": EVIL, "exchanges": []}]
    rows = {"feedback": FEEDBACK, "changes": changes, "attempts": attempts, "url": "javascript:alert(4)"}
    session.execute(update(Transfer).where(Transfer.activation_id == activation).values(**rows))
    session.execute(
        update(Activation).values(
            account={"customer_number": "1", "seller_key": "1", "company_name": EVIL}, pause_reason=EVIL
        )
    )
    session.execute(update(Dealer).where(Dealer.id == dealer.id).values(name=EVIL[:200], lms_address=EVIL))
    session.execute(update(User).where(User.id == alice.id).values(name=EVIL, email="alice@example.org"))
    _plant_everywhere(
        session, ("location", "vehicle_import", "import_row", "run", "support_session", "audit_event")
    )
    session.commit()
    return alice, values


def _plant_everywhere(session: Session, tables: tuple[str, ...]) -> None:
    """Free texts of further tables: names, messages, reasons."""
    free = (
        "name",
        "city",
        "street",
        "message",
        "reason",
        "note",
        "error",
        "file_name",
        "object_label",
        "actor",
    )
    for name in tables:
        table = Base.metadata.tables[name]
        texts = {
            column.key: EVIL[: column.type.length or 200]
            for column in table.columns
            if column.key in free and isinstance(column.type, String)
        }
        if texts:
            session.execute(update(table).values(**texts))


def test_no_page_runs_what_was_planted(
    app: Flask, login: Login, planted: tuple[User, dict[str, object]]
) -> None:
    alice, values = planted
    client, wrong, seen = login(alice), [], 0
    for call in calls(app):
        if call.method not in SAFE or call.access == "support":
            continue
        answer = call.send(client, app, values)
        if answer.mimetype != "text/html":
            continue
        tags = Tags()
        tags.feed(answer.text)
        seen += "&lt;script&gt;alert(1)" in answer.text
        wrong += [f"{call}: {alarm}" for alarm in tags.alarming]
        if "49" in re.findall(r"onerror=alert\(2\)&gt;(\d+)", answer.text):
            wrong.append(f"{call}: a template was evaluated")
    assert not wrong
    assert seen > 10, "the planted texts are not shown at all"


def test_downloads_for_people_disarm_formulas(
    app: Flask, login: Login, session: Session, planted: tuple[User, dict[str, object]]
) -> None:
    alice, values = planted
    evil = [{"code": "x", "text": '=HYPERLINK("http://evil.example")', "field": None, "who": "dealer"}]
    session.execute(update(Transfer).values(feedback=evil, state=TransferState.REJECTED))
    session.commit()
    content = login(alice).get(f"/apps/{values['activation_id']}/history.csv?result=all&period=120").text
    assert "HYPERLINK" in content
    assert not re.search(r'(^|[;"\n])=HYPERLINK', content)
