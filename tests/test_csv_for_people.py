"""Every CSV that a page offers: whatever a spreadsheet takes for the separator, no text becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import String, update
from sqlalchemy.orm import Session

from portal.models import Base, User, Vehicle
from portal.models.exports import TransferState
from portal.web.downloads import FORMULA_STARTS
from tests.builders import Build
from tests.test_url_map import SAFE, calls, objects_of

Login = Callable[[User], FlaskClient]
EVIL = 'x,=1+1, +2\t@SUM(A1)\n-3*4\r\n=5","=6'
TABLES = ("import_row", "audit_event", "location", "dealer")


@pytest.fixture
def planted(build: Build, session: Session) -> tuple[User, dict[str, object]]:
    """A dealer whose free texts would be formulas."""
    dealer = build.dealer()
    alice = build.alice(dealer)
    values = objects_of(build, dealer)
    feedback = [{"code": EVIL, "text": EVIL, "field": "mileage", "platform_text": EVIL, "who": "dealer"}]
    for name in TABLES:
        table = Base.metadata.tables[name]
        texts = {
            column.key: EVIL[: column.type.length or 200]
            for column in table.columns
            if isinstance(column.type, String)
            and column.key in ("value", "offer_number", "object_label", "actor", "name")
        }
        if texts:
            session.execute(update(table).values(**texts))
    texts = {"make": "x,=1+1", "model": "y, -2", "model_description": EVIL}
    vehicle = session.get_one(Vehicle, values["vehicle_id"])
    vehicle.set_facts(vehicle.facts().model_copy(update=texts))
    transfers = Base.metadata.tables["transfer"]
    session.execute(update(transfers).values(feedback=feedback, state=TransferState.REJECTED))
    session.commit()
    return alice, values


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_no_text_becomes_a_formula(
    app: Flask, login: Login, planted: tuple[User, dict[str, object]], separator: str
) -> None:
    alice, values = planted
    client, live, lines = login(alice), [], 0
    for call in calls(app, "dealer"):
        if call.method not in SAFE or not call.rule.rule.endswith(".csv"):
            continue
        answer = call.send(client, app, values)
        assert answer.status_code == 200, call
        rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig")), delimiter=separator))
        lines += len(rows)
        live += [
            f"{call}: {cell!r}" for row in rows for cell in row if cell.lstrip().startswith(FORMULA_STARTS)
        ]
    assert lines > 5, "not only headers"
    assert not live
