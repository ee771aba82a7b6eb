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
from typing import Any
from uuid import UUID

import pydantic_core
from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from portal.code_digest import code_digest
from portal.exports.planning.cases import ExportContext
from portal.exports.planning.queue import Checks
from portal.messages import Message, as_json
from portal.models.driver import copy_rows
from portal.models.exports import Activation
from portal.models.plans import without_nested_loops
from portal.models.prepared import IN_BINARY, array_of
from portal.models.runs import PreparedEntry
from portal.platforms.contract import Json
from portal.platforms.contract.files import PictureFile, Record, Surroundings

PREPARING = (
    *("platforms", "formats", "vehicle_facts", "messages", "vehicles/readiness"),
    *("exports/stock_files/build", "exports/stock_files/prepared"),
    *("exports/planning/cases", "exports/planning/outcome"),
)
"""The code that makes an entry of a vehicle."""
LONGEST_NUMBER = 80


@dataclass(frozen=True)
class PreparedVehicle:
    """The entry of a vehicle as it is kept. What comes after `keys` is for those that are new: an entry that
    was found leaves it in the database."""

    vehicle_id: UUID
    result: str
    record: Record
    """Without content where the vehicle stays out of the file."""
    keys: bytes = b""
    """Of what no second vehicle of the file may have, one after the other (`contract.files.unique_keys`)."""
    said_by_keys: Sequence[Message] = ()
    feedback: Sequence[Json] = ()
    """What runs note of it."""
    checks: Checks = ((), ())
    """Its problems and hints as the publication has them."""


@dataclass(frozen=True)
class KeptWords:
    """What an entry has to say where its vehicle turns out to be a double."""

    said_by_keys: Sequence[Json]
    feedback: list[Json]
    hints: list[Json]


@dataclass(frozen=True)
class FoundEntries:
    digests: Mapping[UUID, bytes]
    """Of the vehicles that have to be prepared."""
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
        rows = session.execute(_FIND, self._here | around | {"vehicles": _array(vehicle_ids)}).all()
        good: dict[UUID, PreparedVehicle] = {}
        for key, digest, result, number, content, kept, keys in rows:
            if digest is None:
                pictures = [PictureFile(*one) for one in pydantic_core.from_json(kept)] if kept else ()
                good[key] = PreparedVehicle(key, result, Record(number, content, tuple(pictures)), keys)
        return FoundEntries({key: digest for key, digest, *_entry in rows if digest is not None}, good)

    def keep(
        self, session: Session, prepared: Sequence[PreparedVehicle], digests: Mapping[UUID, bytes]
    ) -> None:
        """In the place of what was kept of them."""
        vehicle_ids = [one.vehicle_id for one in prepared]
        session.execute(_FORGET, self._here | {"vehicles": _array(vehicle_ids)})
        rows = ((self.activation.id, *_row(one, digests[one.vehicle_id])) for one in prepared)
        copy_rows(session, _KEEP, rows)

    def words(self, session: Session, vehicle_ids: Sequence[UUID]) -> dict[UUID, KeptWords]:
        rows = session.execute(_WORDS, self._here | {"vehicles": _array(vehicle_ids)})
        return {key: KeptWords(*said) for key, *said in rows}

    def note(
        self, session: Session, run_id: UUID, vehicle_ids: Sequence[UUID], others: Sequence[Json]
    ) -> None:
        """How vehicles fared in a run: as their entries say, apart from `others`, who have another result."""
        keys = {"run": run_id, "vehicles": _array(vehicle_ids), "others": _json(others)}
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


def forget_entries(session: Session, activation_id: UUID) -> None:
    """Of an app that writes no file any more."""
    session.execute(delete(PreparedEntry).where(PreparedEntry.activation_id == activation_id))


def _row(prepared: PreparedVehicle, digest: bytes) -> tuple[Any, ...]:
    """In the order of `_KEEP`."""
    record, said_by_keys = prepared.record, [as_json(said) for said in prepared.said_by_keys]
    # Only of a file that has them in it; most have addresses or none.
    pictures = [(one.sha256, one.name, one.bytes) for one in record.pictures]
    said = map(_json, (prepared.feedback, *prepared.checks, said_by_keys))
    return (
        prepared.vehicle_id,
        digest,
        record.number[:LONGEST_NUMBER],
        prepared.result,
        *said,
        record.content,
        _json(pictures) if pictures else "",
        prepared.keys,
    )


_ENCODER = json.JSONEncoder(default=str, ensure_ascii=False)


def _json(said: Sequence[Any]) -> str:
    return _ENCODER.encode(said) if said else "[]"


def _array(keys: Sequence[UUID]) -> str:
    """In digits alone, which takes half of the time."""
    return array_of(key.hex for key in keys)


# OFFSET 0 keeps each of them a look-up for one vehicle after the other (planning/cases.py). What a vehicle's
# release, place and pictures were is part of the digest, so that nothing here decides whether it is wanted.
_FIND = text(
    """
    WITH same AS MATERIALIZED (
        SELECT ROW(CAST(:basis AS text), jsonb_agg(
            jsonb_build_array(make, model, words, key) ORDER BY make, model, words))::text AS basis
        FROM known_model WHERE dealer_id = :dealer AND app = :app)
    SELECT v.id, CASE WHEN entry.result IS NULL THEN found.digest END, entry.result, entry.number,
        entry.record, entry.pictures, entry.keys
    FROM vehicle AS v CROSS JOIN same
    CROSS JOIN LATERAL (
        SELECT released, price, bookings, problems, hints FROM publication
        WHERE vehicle_id = v.id AND activation_id = :activation OFFSET 0) AS p
    CROSS JOIN LATERAL (
        SELECT sha256(convert_to(v.data::text || ROW(
            same.basis, v.online, v.withdrawn_at IS NULL, v.location_id,
            (SELECT code FROM location WHERE id = v.location_id),
            p.released, p.price, p.bookings,
            (SELECT string_agg(sha256, ',' ORDER BY position) FROM vehicle_image
                WHERE vehicle_id = v.id AND published)
        )::text, 'UTF8')) AS digest OFFSET 0) AS found
    LEFT JOIN LATERAL (
        SELECT result, number, record, pictures, keys FROM prepared_entry
        WHERE activation_id = :activation AND vehicle_id = v.id AND digest = found.digest
            AND problems = p.problems AND hints = p.hints OFFSET 0) AS entry ON true
    WHERE v.id = ANY(CAST(:vehicles AS uuid[]))
    """
).execution_options(**IN_BINARY)
_FORGET = text(
    """
    DELETE FROM prepared_entry
    WHERE activation_id = :activation AND vehicle_id = ANY(CAST(:vehicles AS uuid[]))
    """
)
_KEEP = """
    COPY prepared_entry (activation_id, vehicle_id, digest, number, result, feedback, problems, hints,
        said_by_keys, record, pictures, keys) FROM STDIN
    """
_WORDS = text(
    """
    SELECT vehicle_id, said_by_keys, feedback, hints FROM prepared_entry
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
