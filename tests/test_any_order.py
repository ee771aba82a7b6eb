"""No test and nothing it tests can rely on an order that it has not asked for."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import Dealer
from tests.builders import Build


def test_rows_come_in_the_order_that_was_asked_for_or_in_another_than_they_were_written(
    build: Build, session: Session
) -> None:
    for name in ("A", "B", "C"):
        build.dealer(name)
    session.commit()
    written = session.connection().scalars(select(Dealer.name)).all()
    assert session.scalars(select(Dealer.name)).all() == written[::-1]
    assert [dealer.name for dealer in session.scalars(select(Dealer))] == written[::-1]
    assert session.scalars(select(Dealer.name).order_by(Dealer.name)).all() == ["A", "B", "C"]
