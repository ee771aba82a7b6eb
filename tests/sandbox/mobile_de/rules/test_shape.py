from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from portal.sandbox.mobile_de.rules.members import KNOWN
from tests.sandbox.conftest import Box, golf, keys


def month(ahead: int) -> str:
    now = datetime.now(ZoneInfo("Europe/Berlin"))
    index = now.year * 12 + now.month - 1 + ahead
    return f"{index // 12}{index % 12 + 1:02}"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("seats", 0),
        ("seats", 256),
        ("cylinder", 25),
        ("mileage", -1),
        ("power", 0),
        ("cubicCapacity", 0),
        ("numberOfPreviousOwners", -1),
    ],
)
def test_a_number_outside_its_range_is_refused(sandbox: Box, field: str, value: int) -> None:
    answer = sandbox.create(golf(**{field: value}))
    assert answer.status_code == 400
    assert keys(answer) == ["value-out-of-range"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("seats", "5"),
        ("mileage", 5.5),
        ("power", True),
        ("damageUnrepaired", "false"),
        ("abs", "yes"),
        ("description", 5),
        ("price", "12990.00"),
        ("firstRegistration", "2018-05"),
        ("firstRegistration", "201813"),
        ("firstRegistration", 201805),
        ("generalInspection", "27"),
        ("internalNumber", "A 1"),
        ("internalNumber", "A/1"),
        ("internalNumber", "Ä"),
        ("internalNumber", "A" * 41),
        ("radio", "TUNER"),
        ("highlights", "neu"),
    ],
)
def test_a_value_of_another_type_or_format_is_refused(sandbox: Box, field: str, value: Any) -> None:
    answer = sandbox.create(golf(**{field: value}))
    assert answer.status_code == 400
    assert "invalid-format" in keys(answer)


def test_the_first_registration_may_be_this_month_but_not_the_next(sandbox: Box) -> None:
    assert sandbox.create(golf(firstRegistration=month(0))).status_code == 201
    assert keys(sandbox.create(golf(firstRegistration=month(1)))) == ["first-registration-in-future"]


@pytest.mark.parametrize("value", [None, 5, -1, 1.5, True, "", "x", [], [1], [[]], {}, {"co2": []}])
def test_no_value_of_any_member_breaks_the_server(sandbox: Box, value: Any) -> None:
    for field in sorted(KNOWN):
        answer = sandbox.create({**golf(), field: value})
        assert answer.status_code in (201, 400), (field, value, answer.text)
    assert sandbox.http.get("/haendler/1000471").status_code == 200
