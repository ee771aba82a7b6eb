"""The rows of a file in a temporary table, and what they change in the stock: statements over sets."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import TextClause, Uuid, column, exists, select, table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from portal.formats.mobile_de_csv.column import FEATURE
from portal.formats.mobile_de_csv.columns import OFFER_NUMBER
from portal.models.accounts import Dealer, Location
from portal.models.exports import LIVE, Activation
from portal.models.vehicles import VehicleImport
from portal.outbox import note_changes
from portal.vehicles import plan
from portal.vehicles import staging_sql as sql
from portal.vehicles.data import VehicleData
from portal.vehicles.days import today
from portal.vehicles.readiness import as_problems
from portal.vehicles.release import CHUNK, apply_presets, find_without_room

_TOUCHED = table("import_touched", column("id", Uuid), column("how"))
_DIFFERENT = table("import_change", column("id", Uuid), column("merged", JSONB))
_FIRST = UUID(int=0)
FEWEST_CUT = 3
"""Fewer withdrawn vehicles are a normal day also for a small stock."""
MANY = 1_000
"""So many new vehicles change what the database should know of its tables; the pages that follow need it."""


class Stage:
    """Created, filled by COPY, taken over. It lives until the transaction ends."""

    def __init__(self, session: Session, dealer: Dealer, location: Location, record: VehicleImport) -> None:
        self.session = session
        self.dealer = dealer
        self.record = record
        self.stated: frozenset[str] = frozenset()
        """Paths of the facts that the file carries; everything else of a vehicle stays as it is."""
        self._keys = {"dealer": dealer.id, "location": location.id, "import": record.id}

    def create(self) -> None:
        for statement in sql.CREATE:
            self.session.execute(statement)

    def copy(self) -> AbstractContextManager[psycopg.Copy]:
        driver: psycopg.Connection[Any] = self.session.connection().connection.driver_connection  # type: ignore[assignment]
        return driver.cursor().copy(sql.COPY)

    def take_over(self) -> None:
        record = self.record
        self._run(sql.ROOM)
        self._run(sql.ANALYZE)
        self._run(sql.REFUSE_DUPLICATES, column=OFFER_NUMBER.label)
        record.rejected = self._run(sql.REPORT_REFUSED)
        accepted = int(self.session.scalar(sql.COUNT_ACCEPTED) or 0)
        self._run(sql.RESTORE)
        self._change()
        self._run(sql.INSERT, online=self.dealer.release_new_vehicles, today=today().isoformat())
        if accepted and not record.partial:
            self._run(sql.WITHDRAW)
        self._count(accepted)
        self._release_and_note()
        if record.taken >= MANY:
            self._run(sql.ANALYZE_STOCK)

    def _change(self) -> None:
        """Merged twice: what somebody saved before the rows were locked must not be overwritten."""
        owned = _owned(self.stated)
        self._run(sql.FIND_DIFFERENT, **owned)
        if not self.session.scalar(sql.LOCK_DIFFERENT):
            return
        self._run(sql.FORGET_DIFFERENT)
        self._run(sql.FIND_DIFFERENT, **owned)
        for chunk in self._chunks(_DIFFERENT.c.id, _DIFFERENT.c.merged):
            if flawed := list(_flaws(chunk)):
                self.session.connection().execute(sql.SET_PROBLEMS, flawed)
        self._run(sql.CHANGE)

    def _count(self, accepted: int) -> None:
        record = self.record
        counts: dict[str, int] = dict(self.session.execute(sql.COUNT_TOUCHED).all())
        record.taken = counts.get("new", 0) + counts.get("restored", 0)
        record.changed = counts.get("changed", 0)
        record.withdrawn = counts.get("withdrawn", 0)
        record.unchanged = accepted - record.taken - record.changed
        before = record.changed + record.unchanged + record.withdrawn
        if looks_cut(before, accepted, record.withdrawn):
            record.cut_short = True
            record.note = " ".join(filter(None, (record.note, _cut_note(before, accepted))))

    def _release_and_note(self) -> None:
        """Without a live app there is nobody to tell."""
        live = exists().where(Activation.dealer_id == self.dealer.id, Activation.state.in_(LIVE))
        if not self.session.scalar(select(live)):
            return
        new = select(_TOUCHED.c.id).where(_TOUCHED.c.how != "withdrawn")
        back = select(_TOUCHED.c.id).where(_TOUCHED.c.how == "restored")
        held = plan.keep_offline(self.session, self.dealer.id, back)
        apply_presets(self.session, self.dealer.id, vehicle_ids=new)
        held |= find_without_room(self.session, self.dealer.id, vehicle_ids=new)
        self.record.note = " ".join(filter(None, (self.record.note, plan.left_out(len(held)))))
        for chunk in self._chunks(_TOUCHED.c.id):
            note_changes(self.session, [row[0] for row in chunk])

    def _chunks(self, key: Any, *more: Any) -> Iterator[list[Any]]:
        """The rows of a temporary table in the order of their ids, some thousand at a time."""
        last = _FIRST
        while rows := self._after(last, key, *more):
            yield rows
            last = rows[-1][0]

    def _after(self, last: UUID, key: Any, *more: Any) -> list[Any]:
        statement = select(key, *more).where(key > last).order_by(key).limit(CHUNK)
        return list(self.session.execute(statement).all())

    def _run(self, statement: TextClause, **values: Any) -> int:
        """Returns the number of rows that the statement wrote."""
        return self.session.connection().execute(statement, self._keys | values).rowcount


def looks_cut(before: int, accepted: int, withdrawn: int) -> bool:
    """Whether a complete file was probably cut short: half of the stock or more is not in it, and nothing
    came instead. Then the first deletion already locks the exports (spec: Bestandsabweichung)."""
    return withdrawn >= FEWEST_CUT and 2 * accepted <= before


def _cut_note(before: int, accepted: int) -> str:
    return (
        f"Die Datei enthält nur noch {accepted} von bisher {before} Fahrzeugen. Vielleicht ist sie "
        "unvollständig: Bevor deshalb Inserate gelöscht werden, wird die Übertragung gesperrt."
    )


def _flaws(chunk: Sequence[Any]) -> Iterator[dict[str, Any]]:
    for key, merged in chunk:
        if found := as_problems(VehicleData.model_validate(merged)):
            yield {"id": key, "problems": json.dumps(found)}


def _owned(stated: frozenset[str]) -> dict[str, list[str]]:
    """The stated facts by their place in the JSON of a vehicle."""
    owned: dict[str, list[str]] = {place: [] for place in sql.PLACES}
    for path in sorted(stated):
        parent, _, key = path.replace(FEATURE, "features.").rpartition(".")
        owned[parent.replace(".", "_") or "top"].append(key)
    return owned
