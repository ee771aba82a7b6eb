"""The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for a lost phone.

The secret is sealed and bound to the user's row; of recovery codes only hashes are kept. A code is good
for one login: the step in which it was used is remembered.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime

import pyotp

from portal.models.accounts import User
from portal.security.vault import Vault

STEP = 30
"""Seconds that a code lives; the one before and the one after are taken too, for clocks that differ."""
RECOVERY_CODES = 8
RECOVERY_GROUPS, GROUP_LETTERS = 4, 6
"""24 characters of 31 are 118 bits: so many that a plain hash holds (ASVS asks for 112)."""
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without letters and digits that are mistaken for each other."""


def new_secret() -> str:
    return pyotp.random_base32()


def address(secret: str, user: User, issuer: str) -> str:
    """What the QR code says."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.login, issuer_name=issuer)


def turn_on(
    user: User, vault: Vault, secret: str, code: str, now: datetime | None = None
) -> list[str] | None:
    """Recovery codes in plain text, the only time; None when the code does not belong to the secret."""
    step = _step_of(secret, code, now or datetime.now(UTC))
    if step is None:
        return None
    user.totp_secret = vault.seal(user.id, {"secret": secret})
    user.totp_confirmed_at = datetime.now(UTC)
    user.totp_last_step = step
    return renew_recovery_codes(user)


def turn_off(user: User) -> None:
    user.totp_secret, user.totp_confirmed_at, user.recovery_codes = "", None, []


def renew_recovery_codes(user: User) -> list[str]:
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    user.recovery_codes = [_hash(code) for code in codes]
    return codes


def accept(user: User, vault: Vault, code: str, now: datetime | None = None) -> bool:
    """Whether this code lets the user in; it does so once. The row must be locked by the caller."""
    step = _step_of(vault.open(user.id, user.totp_secret)["secret"], code, now or datetime.now(UTC))
    if step is not None:
        if step <= user.totp_last_step:
            return False
        user.totp_last_step = step
        return True
    hashed = _hash(code)
    if hashed not in user.recovery_codes:
        return False
    user.recovery_codes = [one for one in user.recovery_codes if one != hashed]
    return True


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The step that the code belongs to, of those that are taken now."""
    digits = "".join(code.split())
    current = int(now.timestamp()) // STEP
    totp = pyotp.TOTP(secret)
    for step in (current - 1, current, current + 1):
        if secrets.compare_digest(totp.at(step * STEP).encode(), digits.encode()):
            return step
    return None


def _recovery_code() -> str:
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP_LETTERS)) for _ in range(RECOVERY_GROUPS))
    return "-".join(groups)


def _hash(code: str) -> str:
    plain = "".join(letter for letter in code.casefold() if letter.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()
