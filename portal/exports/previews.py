"""What activating or saving an app would send. A small stock is planned while somebody waits; of a large one
the question is written down, and workers find out slice by slice.

Nothing is sent or written but the preview itself. It can be left and come back to: the same question finds
the same row, in another tab as well.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Select, delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal import outbox
from portal.exports.core.runtime import Runtime, runtime_from_environment
from portal.exports.dispatch.preview import (
    VEHICLES_PER_CHUNK,
    Preview,
    StockPlanner,
    vehicles_to_plan,
)
from portal.exports.planning.cases import Release, rules_of, stored_releases
from portal.exports.stock_files.build import FilePlanner, file_surroundings
from portal.messages import Wording, say
from portal.models import Activation, Dealer, StockPreview
from portal.models.exports import LIVE, ActivationState
from portal.platforms import get_app
from portal.platforms.contract import Account, Json, ReferenceUnavailable
from portal.platforms.contract.files import Doubles, Writer
from portal.ring_queue import RingQueue
from portal.vehicles.release import preset_vehicle_ids

log = logging.getLogger(__name__)

PREVIEWS = "portal.exports.previews.take_preview"
JOB_TIMEOUT = 300
"""Seconds."""
PLANNED_AT_ONCE = 500
"""Vehicles that are planned while somebody waits."""
SLICE = 2.0
"""Seconds that a worker is at it; the rest waits at the end of the line."""
LEASE = timedelta(seconds=60)
"""After that another worker goes on, from the last slice."""
MOST_ATTEMPTS = 3
HOLDS_FOR = timedelta(minutes=10)
"""So long a preview is shown again; its time stands beside it."""
MOST_OPEN = 3
"""Of a dealer; a further question takes the place of the oldest one."""
FAILED = say("Die Vorschau ist fehlgeschlagen. Bitte versuchen Sie es noch einmal.")


@dataclass(frozen=True)
class PreviewQuestion:
    """An app as it would be with these settings, saved or not."""

    dealer_id: UUID
    app: str
    customer_number: str
    location_id: UUID
    settings: Mapping[str, Any]
    activation_id: UUID | None = None
    """The dealer's row for it, where there is one."""
    account: Json | None = None
    """As the platform knows it; it is no part of the question."""

    @property
    def key(self) -> str:
        asked = {name: value for name, value in self.as_json().items() if name != "account"}
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()

    def as_json(self) -> dict[str, Any]:
        return {
            "dealer_id": str(self.dealer_id),
            "app": self.app,
            "customer_number": self.customer_number,
            "location_id": str(self.location_id),
            "settings": dict(self.settings),
            "activation_id": str(self.activation_id) if self.activation_id else None,
            "account": self.account,
        }

    @classmethod
    def from_json(cls, asked: Mapping[str, Any]) -> PreviewQuestion:
        activation_id = asked["activation_id"]
        return cls(
            **{
                **asked,
                "dealer_id": UUID(asked["dealer_id"]),
                "location_id": UUID(asked["location_id"]),
                "activation_id": UUID(activation_id) if activation_id else None,
            }
        )


class PlannedStock:
    """What a question is about, read from the database: nothing of it gets into the session."""

    def __init__(
        self, runtime: Runtime, session: Session, question: PreviewQuestion, seen: bytes = b""
    ) -> None:
        """`seen`: the numbers that a file has had in the slices before."""
        self.doubles = Doubles(seen)
        self._runtime, self._session = runtime, session
        self._app = get_app(question.app)
        known = question.account
        self._account = Account.from_json(known) if known else Account(question.customer_number, "")
        self._rules = rules_of(session.get_one(Dealer, question.dealer_id))
        self._candidate = Activation(
            id=question.activation_id,
            dealer_id=question.dealer_id,
            app=question.app,
            customer_number=question.customer_number,
            location_id=question.location_id,
            settings=dict(question.settings),
            state=ActivationState.ACTIVE,
        )

    @cached_property
    def releases(self) -> dict[UUID, Release]:
        """What is released already, and before the activation also what its presets would release."""
        session, candidate = self._session, self._candidate
        if candidate.id is None:
            stored, state = {}, None
        else:
            stored = stored_releases(session, candidate.id)
            state = session.scalar(select(Activation.state).where(Activation.id == candidate.id))
        if state in LIVE:
            return stored
        preset = preset_vehicle_ids(session, candidate)
        return dict.fromkeys(preset, Release(released=True)) | stored

    @cached_property
    def vehicle_ids(self) -> list[UUID]:
        return vehicles_to_plan(self._session, self._candidate, self.releases)

    @cached_property
    def planner(self) -> StockPlanner | FilePlanner:
        """Raises ReferenceUnavailable."""
        if self._app.file is not None:
            return FilePlanner(
                self._session, self._candidate, self._writer(), self._rules, self.releases, self.doubles
            )
        slug, settings = self._app.slug, self._candidate.settings
        stores = self._runtime.stores(slug)
        mapper = self._runtime.platform(slug).mapper(settings, self._account, self._rules, stores)
        return StockPlanner(
            self._session, self._candidate, mapper, self._rules, self._app.labels, self.releases
        )

    def whole(self) -> Preview:
        """Raises ReferenceUnavailable."""
        found = Preview()
        for start in range(0, len(self.vehicle_ids), VEHICLES_PER_CHUNK):
            found = self.planner.add(self.vehicle_ids[start : start + VEHICLES_PER_CHUNK], found)
        return found

    def _writer(self) -> Writer:
        portal_url = self._runtime.settings.portal_url
        around = file_surroundings(self._session, self._candidate, portal_url)
        if self._app.file is None:
            raise ValueError(f"{self._app.slug} writes no files")
        return self._app.file.writer(self._candidate.settings, self._account, self._rules, around)


# Asking, and looking again.


def find(session: Session, question: PreviewQuestion) -> StockPreview | None:
    """The preview of the same question that is open, or was finished a moment ago."""
    recent = or_(StockPreview.finished_at.is_(None), StockPreview.finished_at > func.now() - HOLDS_FOR)
    same = select(StockPreview).where(_same(question), recent).order_by(StockPreview.id.desc()).limit(1)
    return session.scalar(same.execution_options(populate_existing=True))


def ask(session: Session, question: PreviewQuestion, total: int) -> StockPreview:
    """Have workers find it out; the second of two at once finds the first one's."""
    values = {"dealer_id": question.dealer_id, "activation_id": question.activation_id, "key": question.key}
    asked = insert(StockPreview).values(**values, asked=question.as_json(), total=total)
    session.execute(
        asked.on_conflict_do_nothing(
            index_elements=["dealer_id", "key"], index_where=text("finished_at IS NULL")
        )
    )
    is_open = (StockPreview.dealer_id == question.dealer_id, StockPreview.finished_at.is_(None))
    newest = select(StockPreview.id).where(*is_open).order_by(StockPreview.id.desc()).limit(MOST_OPEN)
    session.execute(delete(StockPreview).where(*is_open, StockPreview.id.not_in(newest)))
    found = find(session, question)
    if found is None:
        raise RuntimeError("a preview that was just asked for is gone")
    return found


def forget(session: Session, question: PreviewQuestion) -> None:
    """Somebody wants it anew. One that is open is as new as can be."""
    session.execute(delete(StockPreview).where(_same(question), StockPreview.finished_at.is_not(None)))


def _same(question: PreviewQuestion) -> Any:
    return (StockPreview.dealer_id == question.dealer_id) & (StockPreview.key == question.key)


# What workers do.


def due_previews() -> Select[UUID]:
    """Those that are open and nobody is at."""
    free = or_(StockPreview.leased_until.is_(None), StockPreview.leased_until < func.now())
    return select(StockPreview.id).where(StockPreview.finished_at.is_(None), free).order_by(StockPreview.id)


def serve(runtime: Runtime, preview_id: UUID) -> bool:
    """A slice of it; True when more is to be done."""
    token = uuid4()
    with runtime.sessions.begin() as session:
        free = due_previews().where(StockPreview.id == preview_id).with_for_update(skip_locked=True)
        lease = update(StockPreview).where(StockPreview.id.in_(free))
        taken = lease.values(
            lease_token=token, leased_until=func.now() + LEASE, attempts=StockPreview.attempts + 1
        )
        row = session.scalars(taken.returning(StockPreview)).one_or_none()
        if row is None:
            return False
        session.expunge(row)
    turn = PreviewTurn(runtime, row, token)
    if row.attempts > MOST_ATTEMPTS:
        return turn.end(FAILED)
    try:
        return turn.once()
    except ReferenceUnavailable:
        name = get_app(row.asked["app"]).name
        return turn.end(say("Zurzeit ist keine Vorschau möglich: {app} ist nicht zu erreichen.", app=name))


@dataclass(frozen=True)
class PreviewTurn:
    runtime: Runtime
    row: StockPreview
    """As it was when the turn began."""
    token: UUID

    def once(self) -> bool:
        ends = time.monotonic() + SLICE
        with self.runtime.sessions() as session:
            question = PreviewQuestion.from_json(self.row.asked)
            stock = PlannedStock(self.runtime, session, question, self.row.seen)
            found, ids = Preview.from_json(self.row.found), stock.vehicle_ids
            rest = [key for key in ids if self.row.position is None or key > self.row.position]
            while rest and time.monotonic() < ends:
                found = stock.planner.add(rest[:VEHICLES_PER_CHUNK], found)
                position, rest = rest[:VEHICLES_PER_CHUNK][-1], rest[VEHICLES_PER_CHUNK:]
                self.row.position = position
            done = len(ids) - len(rest)
        so_far = {"position": self.row.position, "seen": stock.doubles.as_bytes() if rest else b""}
        return self._write(done=done, total=len(ids), found=found, ended=not rest, **so_far)

    def end(self, reason: Wording) -> bool:
        return self._write(reason=reason, ended=True)

    def _write(self, *, ended: bool, found: Preview | None = None, **values: Any) -> bool:
        """Where it is still ours. True when more is to be done."""
        if found is not None:
            values["found"] = found.as_json()
        given_back = {"lease_token": None, "leased_until": None, "attempts": 0}
        if ended:
            values["finished_at"] = func.now()
        with self.runtime.sessions.begin() as session:
            written = session.execute(
                self._ours().values(**values, **given_back).returning(StockPreview.id)
            ).all()
        return bool(written) and not ended

    def _ours(self) -> Any:
        ours = (StockPreview.id == self.row.id, StockPreview.lease_token == self.token)
        return update(StockPreview).where(*ours).execution_options(synchronize_session=False)


def with_account(question: PreviewQuestion, account: Account) -> PreviewQuestion:
    return replace(question, account=account.as_json())


# What RQ and the scheduler call. As everywhere the database is the queue.


def take_preview(preview_id: str) -> None:
    """The job behind a ring for a preview: a slice, and the rest at the end of the line."""
    runtime = runtime_from_environment()
    _rings(runtime).answer(preview_id)
    if serve(runtime, UUID(preview_id)):
        _rings(runtime).ring([preview_id])


def ring_for_previews(runtime: Runtime) -> int:
    """Every second: for those that nobody is at; returns how many."""
    with runtime.sessions() as session:
        due = [str(key) for key in session.scalars(due_previews())]
    if due:
        _rings(runtime).ring(due)
    return len(due)


def take_here(runtime: Runtime, budget: float = 5.0) -> None:
    """Without Redis: in this process, for so many seconds."""
    ends = time.monotonic() + budget
    with runtime.sessions() as session:
        due = session.scalars(due_previews()).all()
    for preview_id in due:
        while time.monotonic() < ends and serve(runtime, preview_id):
            pass


def _rings(runtime: Runtime) -> RingQueue:
    """In the line of what people have changed: somebody waits for it."""
    return RingQueue(runtime.redis, str(outbox.Line.PEOPLE), PREVIEWS, JOB_TIMEOUT)
