"""Rows that nobody has put in order come in another one than they were written in.

A small table gives them in that order nearly always, so what relies on it fails once in a thousand runs, and
at a dealer's.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, event
from sqlalchemy.engine import Result
from sqlalchemy.orm import ORMExecuteState, Session


def turn_around(state: ORMExecuteState) -> Result[Any] | None:
    """The other way round, where a SELECT without ORDER BY is read whole."""
    asked = state.statement
    if not isinstance(asked, Select) or asked._order_by_clauses or "yield_per" in state.execution_options:
        return None
    if state.is_column_load:
        return None
    rows = state.invoke_statement().freeze()
    rows.data.reverse()
    return rows()


def trust_no_order() -> None:
    event.listen(Session, "do_orm_execute", turn_around)
