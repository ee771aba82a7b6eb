"""Drop folders as people set them up: whose they are, by which password or keys a program comes in."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from uuid import UUID

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.dsa import DSAPublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_ssh_public_key
from sqlalchemy.orm import Session

from portal.audit import Who
from portal.mandate import demand_dealer
from portal.messages import Message, say
from portal.models.accounts import Dealer, User
from portal.models.sources import DropAccess, StockSource
from portal.security.passwords import hash_password
from portal.sources.control import forget_open, record
from portal.sources.settings import DROP_FOLDER

MOST_KEYS, LONGEST_KEY = 10, 2000
SHORTEST_RSA = 2048
"""Bits."""
NO_KEY = say("Zeile {line} ist kein öffentlicher Schlüssel, wie ihn OpenSSH schreibt (ssh-ed25519 AAAA…).")
PRIVATE_KEY = say("Das ist ein privater Schlüssel. Geben Sie ihn niemandem; hierher gehört der öffentliche.")
WEAK_KEY = say("Der Schlüssel in Zeile {line} ist zu schwach. Nehmen Sie Ed25519 oder RSA mit 3072 Bit.")
TOO_MANY_KEYS = say("Höchstens {most} Schlüssel.", most=MOST_KEYS)


class NoKeys(Exception):
    """Why what was pasted is no list of public keys."""

    def __init__(self, reason: Message) -> None:
        super().__init__(str(reason))
        self.reason = reason


def create(
    session: Session, who: Who, user: User, location_id: UUID, name: str, *, partial: bool
) -> StockSource:
    """A folder of the user's dealer. Nobody gets in before there is a password or a key."""
    demand_dealer(session)
    source = StockSource(
        dealer_id=user.dealer_id,
        location_id=location_id,
        name=name,
        partial=partial,
        settings={"transport": DROP_FOLDER},
    )
    session.add(source)
    session.flush()
    dealer = session.get_one(Dealer, source.dealer_id)
    login = f"{dealer.key[:24]}-{secrets.token_hex(4)}"
    session.add(DropAccess(source_id=source.id, login=login, user_id=user.id))
    session.flush()
    record(session, who, source, "source.created")
    return source


def change(
    session: Session, who: Who, source: StockSource, location_id: UUID, name: str, *, partial: bool
) -> None:
    """An import that is under way for another place, or as another part of the stock, is begun anew."""
    demand_dealer(session)
    session.refresh(source, with_for_update=True)
    if (source.location_id, source.partial) != (location_id, partial):
        forget_open(session, source)
    if source.location_id != location_id:
        source.taken_at, source.taken_file, source.taken_sha256, source.gaps = None, {}, "", []
    source.name, source.location_id, source.partial = name, location_id, partial
    record(session, who, source, "source.changed")


def rests(access: DropAccess) -> bool:
    """Whether who set it up may no longer: what they know does not come alive again by another's word.

    Of all that hold at once the server asks `drop_folders.access.in_force`.
    """
    user, place = access.user, access.source.location_id
    if user is None or not user.active or not user.may("edit_vehicles"):
        return True
    return bool(user.location_ids) and place not in user.location_ids


def new_password(session: Session, who: Who, user: User, access: DropAccess) -> str:
    """Its only plain text; the one before ends, and with it whoever came in by it."""
    demand_dealer(session)
    if rests(access):
        access.public_keys = []
    plain = secrets.token_urlsafe(24)
    access.password_hash, access.user_id = hash_password(plain), user.id
    record(session, who, access.source, "source.password_made")
    return plain


def set_keys(session: Session, who: Who, user: User, access: DropAccess, keys: Sequence[str]) -> None:
    demand_dealer(session)
    if rests(access):
        access.password_hash = ""
    access.public_keys, access.user_id = list(keys), user.id
    record(session, who, access.source, "source.keys_changed", keys=len(keys))


def read_keys(text: str) -> list[str]:
    """Lines of OpenSSH. Raises NoKeys."""
    if "PRIVATE KEY" in text:
        raise NoKeys(PRIVATE_KEY)
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > MOST_KEYS:
        raise NoKeys(TOO_MANY_KEYS)
    for number, line in lines:
        if len(line) > LONGEST_KEY:
            raise NoKeys(NO_KEY.filled(line=number))
        try:
            key = load_ssh_public_key(line.encode())
        except (ValueError, UnsupportedAlgorithm) as error:
            raise NoKeys(NO_KEY.filled(line=number)) from error
        if isinstance(key, DSAPublicKey) or (isinstance(key, RSAPublicKey) and key.key_size < SHORTEST_RSA):
            raise NoKeys(WEAK_KEY.filled(line=number))
    return [line for _number, line in lines]
