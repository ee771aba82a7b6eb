"""Files that a platform fetches: whose address it is, which file lies there, who fetched it."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, undefer

from portal.exports.stock_files import storage
from portal.exports.stock_files.confirm import confirm_listings
from portal.models.exports import LIVE, Activation, ActivationState
from portal.models.runs import FeedFetch, Run, RunFile
from portal.models.vehicles import ImageBlob, Vehicle, VehicleImage
from portal.security.vault import Vault

USER_SETTING, PASSWORD_SETTING = "feed_user", "feed_password"
"""Settings that protect the address further."""
FETCHED_STATUSES = (200, 304)
CUT_OFF = 499
"""The receiver hung up before the file was whole."""


@dataclass(frozen=True)
class PublishedFile:
    """The last good file of an activation."""

    run: Run
    file: RunFile


def renew_address(activation: Activation) -> str:
    """A new secret part of the address; the one before is void. Only its SHA-256 is kept."""
    token = secrets.token_urlsafe(32)
    activation.feed_token = sha256(token.encode()).hexdigest()
    return token


def find_by_token(session: Session, token: str) -> Activation | None:
    """Whose address it is; the secrets of the activation are loaded with it."""
    digest = sha256(token.encode()).hexdigest()
    statement = select(Activation).where(Activation.feed_token == digest)
    return session.scalars(statement.options(undefer(Activation.secrets))).one_or_none()


def may_fetch(vault: Vault, activation: Activation, username: str, password: str) -> bool:
    """Whether these are the name and password of the address; True where it has none."""
    wanted_password = str(vault.open(activation.id, activation.secrets).get(PASSWORD_SETTING, ""))
    wanted_name = str(activation.settings.get(USER_SETTING) or "")
    if not wanted_password and not wanted_name:
        return True
    same_name = hmac.compare_digest(username.encode(), wanted_name.encode())
    same_password = hmac.compare_digest(password.encode(), wanted_password.encode())
    return same_name and same_password


def find_published(session: Session, activation: Activation) -> PublishedFile | None:
    """None before the first file."""
    file = storage.find_file(session, activation.published_run_id)
    return PublishedFile(session.get_one(Run, file.run_id), file) if file else None


def has_ended(activation: Activation, found: PublishedFile | None) -> bool:
    """A feed that has ended. One that ended with the deletion of everything goes on being empty."""
    ended = activation.state not in LIVE and activation.state != ActivationState.DRAFT
    return ended and not (found is not None and found.run.total == 0)


@dataclass(frozen=True)
class FeedReader:
    address: str
    user_agent: str


def note_fetch(
    session: Session, activation_id: UUID, run_id: UUID | None, who: FeedReader, status: int
) -> None:
    """Whoever fetched the file, or learnt that theirs is current (304), has confirmed it."""
    session.add(
        FeedFetch(
            activation_id=activation_id,
            run_id=run_id,
            address=who.address[:45],
            user_agent=who.user_agent[:200],
            status=status,
        )
    )
    if status in FETCHED_STATUSES and run_id is not None:
        _confirm(session, activation_id, run_id)


def _confirm(session: Session, activation_id: UUID, run_id: UUID) -> None:
    confirmed = session.scalar(
        update(Run)
        .where(Run.id == run_id, Run.confirmed_at.is_(None))
        .values(confirmed_at=func.now(), not_before=None)
        .returning(Run.id)
    )
    still = select(Activation.id).where(Activation.id == activation_id, Activation.published_run_id == run_id)
    if confirmed is not None and session.scalar(still) is not None:
        confirm_listings(session, activation_id)


def find_picture(session: Session, sha256: str) -> Any:
    """Whether this is a published picture of a vehicle in stock."""
    statement = (
        select(VehicleImage.id)
        .join(Vehicle, Vehicle.id == VehicleImage.vehicle_id)
        .where(VehicleImage.sha256 == sha256, VehicleImage.published, Vehicle.withdrawn_at.is_(None))
        .limit(1)
    )
    if session.scalar(statement) is None:
        return None
    return session.scalar(select(ImageBlob.jpeg).where(ImageBlob.sha256 == sha256))
