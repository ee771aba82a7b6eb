"""Where somebody acted from is of use while a misuse is looked into; after that, the network is enough."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, sessionmaker

from portal.models import AuditEvent, SupportSession

WHOLE_FOR = timedelta(days=90)
BATCH = 1_000
PREFIX = {4: 24, 6: 48}
"""Bits that stay, by the version of the protocol."""
HOLDERS: Sequence[tuple[Any, InstrumentedAttribute[Any]]] = (
    (AuditEvent, AuditEvent.at),
    (SupportSession, SupportSession.started_at),
)
"""Tables that are kept for longer than addresses are kept whole."""


def shortened(address: str) -> str:
    """Its network; nothing for what is no address."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    return str(ip_network((found, PREFIX[found.version]), strict=False))


def shorten_addresses(sessions: sessionmaker[Session]) -> int:
    """Those that are old enough; returns how many."""
    return sum(_shorten_of(sessions, *holder) for holder in HOLDERS)


def _shorten_of(sessions: sessionmaker[Session], table: Any, moment: InstrumentedAttribute[Any]) -> int:
    whole = (table.address != "", table.address.not_like("%/%"), moment < func.now() - WHOLE_FOR)
    done = 0
    while True:
        with sessions.begin() as session:
            found = session.execute(select(table.id, table.address).where(*whole).limit(BATCH)).all()
            for key, address in found:
                session.execute(update(table).where(table.id == key).values(address=shortened(address)))
        done += len(found)
        if len(found) < BATCH:
            return done
