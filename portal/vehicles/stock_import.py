"""Import of a stock: a file in, vehicles taken over, the rest refused with line, column and reason.

One transaction, whatever the size: the rows go into a staging table as they are read (`stock_staging.py`),
and what follows are a handful of statements over it (`stock_import_sql.py`). Python sees every row once and
never holds them all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, BinaryIO

from sqlalchemy import TextClause, Uuid, column, exists, func, select, table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from portal.calendar import today
from portal.formats.foreign_layouts.reader import LayoutReader
from portal.formats.mobile_de_csv import (
    MOST_BYTES,
    StockReader,
    UnreadableFile,
    seekable,
)
from portal.formats.mobile_de_csv.column import FEATURE
from portal.formats.stock_archive import opened_table
from portal.messages import Message, say, sentences
from portal.models.accounts import Dealer, Location
from portal.models.exports import LIVE, Activation
from portal.models.layouts import StockLayout
from portal.models.plans import refresh_statistics
from portal.models.vehicles import Vehicle, VehicleImport
from portal.vehicle_facts.data import VehicleData
from portal.vehicles import export_limit, row_memory, stock_staging
from portal.vehicles import stock_import_sql as sql
from portal.vehicles.incoming_pictures import PictureStage
from portal.vehicles.readiness import as_problems
from portal.vehicles.release import apply_presets, find_without_room, note_in_chunks
from portal.vehicles.row_memory import RowMemory
from portal.vehicles.stock_layouts import open_rows

_TOUCHED = table("import_touched", column("id", Uuid), column("how"))
_DIFFERENT = table("import_change", column("id", Uuid), column("merged", JSONB))
LOOKED_AT_ONCE = 5_000
"""Vehicles; all that change are not held."""
FEWEST_CUT = 3
"""Fewer withdrawn vehicles are a normal day also for a small stock."""
NUMBER_TAKEN = say("Diese interne Nummer steht schon in Zeile {line}.")
MANY_NEW = 1_000
"""So many new vehicles change what the database should know of its tables; the pages that follow need it."""


@dataclass(frozen=True)
class Staged:
    """Rows of a file in the staging table."""

    accepted: int
    remarked: int
    new: int
    """Vehicles that they have made so far."""

    @property
    def all_new(self) -> bool:
        """Each row that is accepted has made a vehicle: no number came twice, or was known."""
        return self.accepted == self.new


class ImportStage:
    """Created, filled by COPY, taken over. It lives until the transaction ends."""

    def __init__(self, session: Session, dealer: Dealer, location: Location, record: VehicleImport) -> None:
        self.session = session
        self.dealer = dealer
        self.record = record
        self.location_id = location.id
        self.staged: Staged
        self.memory: RowMemory
        self.stated: frozenset[str] = frozenset()
        """Paths of the facts that the file carries; everything else of a vehicle stays as it is."""
        self.number_label = ""
        """Of the column that has the offer number."""
        self.picture_names: Mapping[str, str] = {}
        """What the names of a vehicle's pictures begin with, where it is not its number."""
        self._keys = {"dealer": dealer.id, "location": location.id, "import": record.id}
        self._dealing = {"online": dealer.release_new_vehicles, "today": today().isoformat()}
        """What becomes of vehicles that are new."""

    def take_table(self, stream: BinaryIO, most_bytes: int) -> None:
        """Raises UnreadableFile, with nothing changed and the transaction usable."""
        # Before vehicles are made: whoever waits for one of them must not hold what is asked for later.
        export_limit.hold(self.session, self.dealer.id)
        if not self._read_table(stream, most_bytes, with_memory=True):
            self._read_table(stream, most_bytes, with_memory=False)
        self._take_over()

    def _read_table(self, stream: BinaryIO, most_bytes: int, *, with_memory: bool) -> bool:
        """False, with nothing changed, where rows that were not read have to be."""
        with open_rows(self.session, self.dealer.id, stream, most_bytes) as (reader, layout):
            # A savepoint of the connection, not of the session: releasing one of the session would ring for
            # changes that are not committed yet.
            with self.session.connection().begin_nested() as attempt:
                self.memory = row_memory.recall(self.session, self.location_id, reader, believing=with_memory)
                self._fill(reader)
                if not self._recalled_well(reader.stated):
                    attempt.rollback()
                    return False
            self.stated, self.number_label = reader.stated, reader.number_label
            self.picture_names = reader.picture_names
            self.record.charset = reader.charset
            self.record.note = sentences(*_notes(reader, layout))
            return True

    def _fill(self, reader: StockReader | LayoutReader) -> None:
        for statement in sql.CREATE:
            self.session.execute(statement)
        stock_staging.stage(self.session, reader, self._keys | self._dealing)
        self.staged = self._count_staged()
        if not self.staged.all_new:
            self.session.execute(sql.ANALYZE)

    def _recalled_well(self, stated: AbstractSet[str]) -> bool:
        """Whether the rows that were not read stand for what their vehicles say."""
        if not self.memory.marks.known:
            return True
        return self.memory.covers(stated) and not self.session.scalar(
            sql.COUNT_FORGOTTEN, {"location": self.location_id}
        )

    def _take_over(self) -> None:
        record = self.record
        self._run(sql.ROOM)
        if not self.staged.all_new:
            self._run(sql.REFUSE_DUPLICATES, column=self.number_label, sentence=NUMBER_TAKEN.text)
            self.staged = self._count_staged()
        accepted, record.remarked = self.staged.accepted, self.staged.remarked
        record.rejected = self._run(sql.REPORT_REFUSED)
        if record.remarked:
            self._run(sql.REPORT_REMARKS)
        if not self.staged.all_new:
            self._run(sql.RESTORE)
            self._change()
            self._run(sql.INSERT, **self._dealing)
        if self.memory.changes_with(self.stated):
            self._run(sql.FORGET_ROWS)
        # Each accepted row stands for one vehicle in stock: where there are no more, none is missing.
        if (
            accepted
            and not record.partial
            and self.session.scalar(sql.COUNT_IN_STOCK, self._keys) != accepted
        ):
            self._run(sql.WITHDRAW)
        row_memory.remember(self.session, self.memory, self.stated)
        self._count(accepted)
        refresh_statistics(self.session, record.taken, Vehicle)
        self._release_and_note()
        if record.taken >= MANY_NEW:
            self._run(sql.ANALYZE_STOCK)

    def _count_staged(self) -> Staged:
        return Staged(*self.session.execute(sql.COUNT_STAGED).one())

    def _change(self) -> None:
        """Merged twice: what somebody saved before the rows were locked must not be overwritten."""
        owned = self._owned()
        self._run(sql.FIND_DIFFERENT, **owned)
        if not self.session.scalar(sql.LOCK_DIFFERENT):
            return
        self._run(sql.FORGET_DIFFERENT)
        self._run(sql.FIND_DIFFERENT, **owned)
        self._run(sql.LEARN_ROWS)
        self._run(sql.FORGET_LEARNT)
        different = select(_DIFFERENT.c.id, _DIFFERENT.c.merged).execution_options(yield_per=LOOKED_AT_ONCE)
        for chunk in self.session.execute(different).partitions():
            flaws = ((key, as_problems(VehicleData.model_validate(merged))) for key, merged in chunk)
            if flawed := [{"id": key, "problems": json.dumps(found)} for key, found in flaws if found]:
                self.session.connection().execute(sql.SET_PROBLEMS, flawed)
        self._run(sql.CHANGE)

    def _owned(self) -> dict[str, list[str]]:
        """The stated facts by their place in the JSON of a vehicle."""
        owned: dict[str, list[str]] = {place: [] for place in sql.PARTS_OF_FACTS}
        for path in sorted(self.stated):
            parent, _, key = path.replace(FEATURE, "features.").rpartition(".")
            owned[parent.replace(".", "_") or "top"].append(key)
        return owned

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
            note = say(
                "Die Datei enthält nur noch {accepted} von bisher {before} Fahrzeugen. Vielleicht ist sie "
                "unvollständig: Bevor deshalb Inserate gelöscht werden, wird die Übertragung gesperrt.",
                accepted=accepted,
                before=before,
            )
            record.note = sentences(record.note, note)

    def _release_and_note(self) -> None:
        """Without a live app there is nobody to tell."""
        live = exists().where(Activation.dealer_id == self.dealer.id, Activation.state.in_(LIVE))
        if not self.session.scalar(select(live)):
            return
        new = select(_TOUCHED.c.id).where(_TOUCHED.c.how != "withdrawn")
        back = select(_TOUCHED.c.id).where(_TOUCHED.c.how == "restored")
        held = export_limit.keep_offline(self.session, self.dealer.id, back)
        apply_presets(self.session, self.dealer.id, vehicle_ids=new, bulk=True)
        held |= find_without_room(self.session, self.dealer.id, vehicle_ids=new)
        self.record.note = sentences(self.record.note, export_limit.left_out(len(held)))
        note_in_chunks(self.session, set(self.session.scalars(select(_TOUCHED.c.id))), bulk=True)

    def _run(self, statement: TextClause, **values: Any) -> int:
        """Returns the number of rows that the statement wrote."""
        return self.session.connection().execute(statement, self._keys | values).rowcount


def looks_cut(before: int, accepted: int, withdrawn: int) -> bool:
    """Whether a complete file was probably cut short: half of the stock or more is not in it, and nothing
    came instead. Then the first deletion already locks the exports (spec: Bestandsabweichung)."""
    return withdrawn >= FEWEST_CUT and 2 * accepted <= before


def import_stock(
    session: Session,
    stream: BinaryIO,
    dealer: Dealer,
    location: Location,
    file_name: str,
    partial: bool,
    most_bytes: int = MOST_BYTES,
) -> VehicleImport:
    """Take a file over and return its report; the caller commits.

    A complete import withdraws what the file does not name, a partial one withdraws nothing. Pictures
    that come with it in a zip wait for a worker (`incoming_pictures.py`). When the file cannot be read to
    its end, `error` says why and nothing is changed. A second import at the same location waits until this
    one is committed.
    """
    session.flush()
    one_at_a_time(session, location)
    record = VehicleImport(
        dealer_id=dealer.id, location_id=location.id, file_name=file_name[:200], partial=partial
    )
    session.add(record)
    session.flush()
    stage = ImportStage(session, dealer, location, record)
    try:
        with seekable(stream) as readable, opened_table(readable, most_bytes) as (table, archive):
            stage.take_table(table, most_bytes)
            if archive is not None:
                said = PictureStage(session, record, archive).put_in_line(stage.picture_names)
                record.note = sentences(record.note, said)
    except UnreadableFile as error:
        record.error = error.reason
    record.finished_at = func.clock_timestamp()
    session.flush()
    session.expire_all()
    return record


def one_at_a_time(session: Session, location: Location) -> None:
    """Until the commit nobody else hands over a stock at this location."""
    key = func.hashtextextended(f"import {location.id}", 0)
    session.execute(select(func.pg_advisory_xact_lock(key)))


def _notes(reader: StockReader | LayoutReader, layout: StockLayout | None) -> Iterator[Message]:
    """How the file as a whole was read, and what is odd about it."""
    if layout:
        yield say("Gelesen mit dem Importprofil „{name}“.", name=layout.name)
    if reader.header_line:
        yield say("Zeile {line} ist eine Kopfzeile und wurde übersprungen.", line=reader.header_line)
    if reader.charsets:
        counted = sorted(reader.charsets.items(), key=lambda item: -item[1])
        named = tuple(f"{charset} ({count})" for charset, count in counted)
        yield say(
            "Die Zeilen der Datei haben verschiedene Zeichensätze, jede wurde in ihrem gelesen: {charsets}.",
            charsets=named,
        )
    if len(reader.customer_numbers) > 1:
        first = ", ".join(sorted(reader.customer_numbers)[:5])
        shown = f"{first} …" if len(reader.customer_numbers) > 5 else first
        yield (
            say(
                "Die Datei enthält mehrere Kundennummern ({numbers}). Die Kundennummer wird beim Import "
                "nicht ausgewertet: Alle Zeilen gelten für diesen Standort.",
                numbers=shown,
            )
        )
