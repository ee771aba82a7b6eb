"""What people do with sources. Each in the caller's transaction, with its line in the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portal import audit
from portal.audit import Who
from portal.mandate import demand_dealer
from portal.models.sources import StockPickup, StockSource
from portal.security.vault import Sealed, Vault
from portal.sources.pickups import next_time
from portal.sources.settings import file_name_of, receiver_of

MOST_SOURCES = 20
"""Of a dealer."""


@dataclass(frozen=True)
class SourceFacts:
    """What a source is; `secrets` are all that hold from now on."""

    name: str
    location_id: UUID
    partial: bool
    settings: Mapping[str, Any]
    host_key: str
    secrets: Mapping[str, str]


def create(session: Session, vault: Vault, who: Who, dealer_id: UUID, facts: SourceFacts) -> StockSource:
    demand_dealer(session)
    source = StockSource(dealer_id=dealer_id)
    _write(source, facts)
    session.add(source)
    session.flush()
    source.secrets = vault.seal(source.id, facts.secrets)
    source.next_at = next_time(source, _now(session))
    record(session, who, source, "source.created", host=receiver_of(source.settings))
    return source


def change(session: Session, vault: Vault, who: Who, source: StockSource, facts: SourceFacts) -> None:
    """Of another file nothing is known yet, and what is under way is called off."""
    demand_dealer(session)
    moved = _place(source.settings) != _place(facts.settings) or source.location_id != facts.location_id
    _write(source, facts)
    source.secrets = vault.seal(source.id, facts.secrets)
    source.next_at = next_time(source, _now(session))
    forget_open(session, source)
    if moved:
        source.taken_at, source.taken_file, source.taken_sha256, source.gaps = None, {}, "", []
    record(session, who, source, "source.changed", host=receiver_of(source.settings))


def remove(session: Session, who: Who, source: StockSource) -> None:
    demand_dealer(session)
    there = select(StockSource.id).where(StockSource.id == source.id).with_for_update()
    if session.scalars(there).one_or_none():  # of several who ask at once, one removes it
        record(session, who, source, "source.removed")
        session.delete(source)


def ask_now(session: Session, who: Who, source: StockSource) -> None:
    """A pick-up at once; where one is open already, that one."""
    session.refresh(source, with_for_update=True)
    mine = select(StockPickup).where(StockPickup.source_id == source.id, StockPickup.finished_at.is_(None))
    pickup = session.scalars(mine).one_or_none()
    if pickup is None:
        name = file_name_of(source.settings)[:200]
        session.add(StockPickup(source_id=source.id, by_hand=True, file_name=name))
        record(session, who, source, "source.asked")
    elif not pickup.seen:
        pickup.not_before = func.now()


def forget_open(session: Session, source: StockSource) -> None:
    still_open = StockPickup.source_id == source.id, StockPickup.finished_at.is_(None)
    session.execute(delete(StockPickup).where(*still_open))


def stored_secrets(vault: Vault, source: StockSource | None) -> dict[str, str]:
    """None where they cannot be opened."""
    if source is None:
        return {}
    try:
        return vault.open(source.id, source.secrets)
    except Sealed:
        return {}


def _write(source: StockSource, facts: SourceFacts) -> None:
    source.name, source.location_id, source.partial = facts.name, facts.location_id, facts.partial
    source.settings, source.host_key = dict(facts.settings), facts.host_key


def _place(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Where the file is; when it is fetched is another matter."""
    return {name: value for name, value in settings.items() if name != "schedule" and value}


def _now(session: Session) -> Any:
    return session.scalars(select(func.now())).one()


def record(session: Session, who: Who, source: StockSource, what: str, **detail: Any) -> None:
    """In the audit log of its dealer."""
    audit.log(
        session,
        who,
        what,
        dealer_id=source.dealer_id,
        object_id=source.id,
        label=source.name,
        detail=detail,
    )
