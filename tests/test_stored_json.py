"""JSON comes out of the database as it went in."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import cast, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session


def nested(levels: int) -> list[Any]:
    found: list[Any] = []
    for _level in range(levels):
        found = [found]
    return found


@pytest.mark.parametrize(
    "value",
    [
        {"selling": "12990.50", "features": ["abs", "Türen neu \U0001f697"], "vat": None, "sold": False},
        [],
        12345678901234567890123,
        5.7,
        nested(400),
    ],
)
def test_json_is_read_as_it_was_stored(session: Session, value: Any) -> None:
    found = session.scalar(select(cast(literal(value, JSONB), JSONB)))
    assert found == value
    assert type(found) is type(value)
