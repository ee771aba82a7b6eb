"""What was prepared of vehicles for one file is kept for the next, which prepares what has changed.

An entry is good as long as its digest is the same: of all that the statement below reads of the vehicle, and
of all that is the same for a whole file (`Basis`). Both are read in one state of the database together with
the facts that new entries are made of, or an entry could come to a digest that is not its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, cast
from uuid import UUID

import pydantic_core
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.code_digest import code_digest
from portal.exports.planning.cases import ExportContext
from portal.exports.planning.queue import Checks
from portal.messages import Message, as_json, from_json
from portal.models.base import without_nested_loops
from portal.models.exports import Activation
from portal.platforms.contract import Json
from portal.platforms.contract.files import FileEntry, PictureFile, Surroundings

PREPARING = (
    *("platforms", "formats", "vehicle_facts", "messages", "vehicles/readiness"),
    *("exports/stock_files/build", "exports/stock_files/prepared"),
    *("exports/planning/cases", "exports/planning/outcome"),
)
"""The code that makes an entry of a vehicle."""
LONGEST_NUMBER = 80


@dataclass(frozen=True)
class PreparedVehicle:
    """The entry of a vehicle as it is kept. `feedback` is what runs note of it, `checks` are its problems and
    hints as the publication has them; an entry that was found leaves these in the database."""

    vehicle_id: UUID
    entry: FileEntry
    result: str
    feedback: Sequence[Json] = ()
    checks: Checks = ((), ())


@dataclass(frozen=True)
class FoundEntries:
    digests: Mapping[UUID, bytes]
    """Of every vehicle, for those that have to be prepared."""
    good: Mapping[UUID, PreparedVehicle]


@dataclass(frozen=True)
class EntryStore:
    """The entries of one activation; `basis` is the digest of what all of them depend on."""

    activation: Activation
    basis: str

    @property
    def _here(self) -> dict[str, Any]:
        return {"activation": self.activation.id}

    def find(self, session: Session, vehicle_ids: Sequence[UUID]) -> FoundEntries:
        around = {"dealer": self.activation.dealer_id, "app": self.activation.app, "basis": self.basis}
        rows = session.execute(_FIND, self._here | around | {"vehicles": vehicle_ids}).all()
        return FoundEntries(
            {row.id: row.digest for row in rows},
            {
                row.id: PreparedVehicle(row.id, _read_entry(row.cells), row.result)
                for row in rows
                if row.result is not None
            },
        )

    def keep(
        self, session: Session, prepared: Sequence[PreparedVehicle], digests: Mapping[UUID, bytes]
    ) -> None:
        rows = [
            {
                "vehicle_id": one.vehicle_id,
                "digest": digests[one.vehicle_id].hex(),
                "number": one.entry.number[:LONGEST_NUMBER],
                "result": one.result,
                "feedback": one.feedback,
                "problems": one.checks[0],
                "hints": one.checks[1],
                "cells": _write_entry(one.entry),
            }
            for one in prepared
        ]
        session.execute(_KEEP, self._here | {"rows": _json(rows)})

    def said(
        self, session: Session, vehicle_ids: Sequence[UUID]
    ) -> dict[UUID, tuple[list[Json], list[Json]]]:
        """Feedback and hints of entries that are kept."""
        rows = session.execute(_SAID, self._here | {"vehicles": vehicle_ids})
        return {key: (feedback, hints) for key, feedback, hints in rows}

    def note(
        self, session: Session, run_id: UUID, vehicle_ids: Sequence[UUID], others: Sequence[Json]
    ) -> None:
        """How vehicles fared in a run: as their entries say, apart from `others`, who have another result."""
        keys = {"run": run_id, "vehicles": vehicle_ids, "others": _json(others)}
        session.execute(_NOTE, self._here | keys)

    def forget_others(self, session: Session, run_id: UUID) -> None:
        """The entries of vehicles that are none of this run."""
        with without_nested_loops(session):
            session.execute(_FORGET_OTHERS, self._here | {"run": run_id})


def basis_of(context: ExportContext, around: Surroundings) -> str:
    """The digest of what all entries of a file depend on."""
    activation = context.activation
    said = {
        "app": activation.app,
        "state": activation.state,
        "location": activation.location_id,
        "settings": activation.settings,
        "account": asdict(context.account),
        "rules": asdict(context.rules),
        "around": asdict(around),
        "code": code_digest(*PREPARING),
    }
    return sha256(json.dumps(said, default=str, sort_keys=True).encode()).hexdigest()


def _write_entry(entry: FileEntry) -> str:
    """All that a file is written from, and doubles are found by."""
    pictures = [(one.sha256, one.name, one.bytes) for one in entry.pictures]
    unique = [as_json(key) for key in entry.unique]
    return json.dumps([entry.number, entry.values, pictures, unique], ensure_ascii=False)


def _read_entry(cells: str) -> FileEntry:
    number, values, pictures, unique = pydantic_core.from_json(cells)
    return FileEntry(
        number,
        tuple(values),
        pictures=tuple(PictureFile(*one) for one in pictures),
        unique=tuple(cast(Message, from_json(key)) for key in unique),
    )


def _json(said: Sequence[Any]) -> str:
    return json.dumps(said, default=str, ensure_ascii=False)


# OFFSET 0 keeps each of them a look-up for one vehicle after the other (planning/cases.py). What a vehicle's
# release, place and pictures were is part of the digest, so that nothing here decides whether it is wanted.
_FIND = text(
    """
    WITH same AS MATERIALIZED (
        SELECT ROW(CAST(:basis AS text), jsonb_agg(
            jsonb_build_array(make, model, words, key) ORDER BY make, model, words))::text AS basis
        FROM known_model WHERE dealer_id = :dealer AND app = :app)
    SELECT v.id, found.digest, entry.result, entry.cells
    FROM vehicle AS v CROSS JOIN same
    CROSS JOIN LATERAL (
        SELECT released, price, bookings, problems, hints FROM publication
        WHERE vehicle_id = v.id AND activation_id = :activation OFFSET 0) AS p
    CROSS JOIN LATERAL (
        SELECT sha256(convert_to(ROW(
            same.basis, v.data, v.online, v.withdrawn_at IS NULL, v.location_id,
            (SELECT code FROM location WHERE id = v.location_id),
            p.released, p.price, p.bookings,
            (SELECT string_agg(sha256, ',' ORDER BY position) FROM vehicle_image
                WHERE vehicle_id = v.id AND published)
        )::text, 'UTF8')) AS digest OFFSET 0) AS found
    LEFT JOIN LATERAL (
        SELECT result, cells FROM prepared_entry
        WHERE activation_id = :activation AND vehicle_id = v.id AND digest = found.digest
            AND problems = p.problems AND hints = p.hints OFFSET 0) AS entry ON true
    WHERE v.id = ANY(CAST(:vehicles AS uuid[]))
    """
)
_KEEP = text(
    """
    INSERT INTO prepared_entry (activation_id, vehicle_id, digest, number, result, feedback, problems,
        hints, cells)
    SELECT :activation, vehicle_id, decode(digest, 'hex'), number, result, feedback, problems, hints, cells
    FROM json_to_recordset(CAST(:rows AS json)) AS r(vehicle_id uuid, digest text, number text, result text,
        feedback jsonb, problems jsonb, hints jsonb, cells text)
    ON CONFLICT (activation_id, vehicle_id) DO UPDATE SET digest = excluded.digest,
        number = excluded.number, result = excluded.result, feedback = excluded.feedback,
        problems = excluded.problems, hints = excluded.hints, cells = excluded.cells
    """
)
_SAID = text(
    """
    SELECT vehicle_id, feedback, hints FROM prepared_entry
    WHERE activation_id = :activation AND vehicle_id = ANY(CAST(:vehicles AS uuid[]))
    """
)
_NOTE = text(
    """
    INSERT INTO run_vehicle (run_id, vehicle_id, number, result, feedback)
    SELECT :run, e.vehicle_id, e.number, coalesce(o.result, e.result), coalesce(o.feedback, e.feedback)
    FROM prepared_entry AS e
    LEFT JOIN jsonb_to_recordset(CAST(:others AS jsonb)) AS o(vehicle_id uuid, result text, feedback jsonb)
        ON o.vehicle_id = e.vehicle_id
    WHERE e.activation_id = :activation AND e.vehicle_id = ANY(CAST(:vehicles AS uuid[]))
    """
)
_FORGET_OTHERS = text(
    """
    DELETE FROM prepared_entry AS e WHERE e.activation_id = :activation
        AND NOT EXISTS (SELECT FROM run_vehicle r WHERE r.run_id = :run AND r.vehicle_id = e.vehicle_id)
    """
)
