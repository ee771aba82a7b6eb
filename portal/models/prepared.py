"""Statements of a ring that PostgreSQL plans once for a connection: to plan them took half of its time.

Only what cannot be planned wrongly is one of them: look-ups by keys, of a few rows. All that is always the
same is written in, for a plan that was made without looking at the values recognises partial indexes by that
alone. PostgreSQL goes on planning anew where such a plan looks dearer than one for the values at hand, and no
plan grows old: a table that was small when it was made may be large a minute later.

Every other statement is planned each time, as `CONNECT_ARGS` has it. Whatever is rolled back makes psycopg
forget what it has prepared: who only reads commits, too.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Engine, Executable, String, Uuid, event, literal_column
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnClause
from sqlalchemy.types import TypeEngine

ONCE: Final[Mapping[str, Any]] = {"planned_once": True}
"""Execution options of such a statement."""
IN_BINARY: Final[Mapping[str, Any]] = {"in_binary": True}
"""Those of one that answers with bytes: as text they come as hexadecimal digits, in twice the time."""
KEPT_FOR = 10.0
"""Seconds that a plan is gone by."""

_SPELLED: Final[Mapping[type[TypeEngine[Any]], str]] = {
    Uuid: "uuid",
    String: "text",
    DateTime: "timestamptz",
}


def place(name: str, of_type: type[TypeEngine[Any]] = Uuid) -> ColumnClause[Any]:
    """Where a value is put in when the statement is asked."""
    return literal_column(f"<{name}:{_SPELLED[of_type]}>", of_type)


def places(name: str, of_type: type[TypeEngine[Any]] = Uuid) -> ColumnClause[Any]:
    """The same for a list of values."""
    return literal_column(f"<{name}:{_SPELLED[of_type]}[]>", ARRAY(of_type))


def array_of(values: Iterable[str | UUID | bool | None]) -> str:
    """A list for `places`, as PostgreSQL writes it: psycopg looks at each value by itself, which for the
    lists of one page takes longer than anything else about its statements."""
    written = [
        _quoted(value) if isinstance(value, str) else "NULL" if value is None else str(value)
        for value in values
    ]
    return "{" + ",".join(written) + "}"


@lru_cache(1024)
def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


@dataclass(frozen=True)
class Question:
    """A statement as it goes to PostgreSQL, put together once: that takes longer than to answer it."""

    sql: str
    options: Mapping[str, Any]

    def ask(self, session: Session, **values: Any) -> CursorResult[*tuple[Any, ...]]:
        session.flush()
        connection = session.connection()
        return connection.exec_driver_sql(self.sql, values, execution_options=self.options)


def question(statement: Executable, *, planned_once: bool = True) -> Question:
    """With its places open, and everything else written in."""
    dialect = psycopg.dialect()  # type: ignore[no-untyped-call]
    compiled = statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True})  # type: ignore[attr-defined]
    return Question(_PLACE.sub(r"%(\1)s::\2", str(compiled)), ONCE if planned_once else {})


_PLACE = re.compile(r"<(\w+):(\w+(?:\[\])?)>")


def plan_once(engine: Engine) -> None:
    """Have the connections of this engine keep the plans of what is marked so, and answer in binary."""

    @event.listens_for(engine, "do_execute")
    def _execute(cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
        if context.execution_options.get("in_binary"):
            cursor.execute(statement, parameters, binary=True)
            return True
        if not context.execution_options.get("planned_once"):
            return False
        connection = cursor.connection
        connection.prepare_threshold = 0
        try:
            cursor.execute(statement, parameters)
        finally:
            connection.prepare_threshold = None
        return True

    @event.listens_for(engine, "checkout")
    def _forget_old_plans(connection: Any, record: Any, _proxy: Any) -> None:
        now = time.monotonic()
        if now - record.info.setdefault("planned", now) > KEPT_FOR:
            record.info["planned"] = now
            connection.execute("DISCARD PLANS")
            connection.commit()
