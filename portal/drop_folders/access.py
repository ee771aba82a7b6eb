"""Who may log in at the SFTP server: what somebody said on the page of the source, while they may say so."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, any_, func, or_, select, update
from sqlalchemy.orm import Session, sessionmaker

from portal.models.accounts import User
from portal.models.sources import DropAccess, StockSource
from portal.security.passwords import verify_password


@dataclass(frozen=True)
class Admission:
    """Somebody is in; `credential` is the password's hash or the key that they came with."""

    source_id: UUID
    credential: str


def in_force() -> Select[DropAccess]:
    """Those that hold now: whoever set them up is active, and may change vehicles at the location still."""
    here = or_(User.location_ids == [], StockSource.location_id == any_(User.location_ids))
    able = User.active, User.dealer_id == StockSource.dealer_id, User.rights.contains(["edit_vehicles"])
    found = select(DropAccess).join(StockSource, StockSource.id == DropAccess.source_id)
    return found.join(User, User.id == DropAccess.user_id).where(*able, here)


def admit_password(sessions: sessionmaker[Session], login: str, password: str) -> Admission | None:
    """It takes as long for a login that there is not."""
    access = _find(sessions, login)
    stored = access.password_hash if access else None
    if not verify_password(stored, password) or access is None:
        return None
    return Admission(access.source_id, access.password_hash)


def admit_key(sessions: sessionmaker[Session], login: str, key: str) -> Admission | None:
    """`key`: kind and value, as a line of OpenSSH begins."""
    access = _find(sessions, login)
    if access is None or key not in {key_of(line) for line in access.public_keys}:
        return None
    return Admission(access.source_id, key)


def key_of(line: str) -> str:
    """Of a line of OpenSSH what is the key; the rest is a remark."""
    return " ".join(line.split()[:2])


def note_login(sessions: sessionmaker[Session], source_id: UUID) -> None:
    with sessions.begin() as session:
        session.execute(
            update(DropAccess).where(DropAccess.source_id == source_id).values(last_login_at=func.now())
        )


def still_in_force(sessions: sessionmaker[Session], admissions: Collection[Admission]) -> set[Admission]:
    """Those whose password or key still holds."""
    wanted = {admission.source_id for admission in admissions}
    with sessions() as session:
        valid = list(session.scalars(in_force().where(DropAccess.source_id.in_(wanted))))
    holding = {
        access.source_id: {access.password_hash, *map(key_of, access.public_keys)} - {""} for access in valid
    }
    return {one for one in admissions if one.credential in holding.get(one.source_id, ())}


def _find(sessions: sessionmaker[Session], login: str) -> DropAccess | None:
    with sessions() as session:
        return session.scalars(in_force().where(DropAccess.login == login)).one_or_none()
