"""What a password must be, and what changing it means."""

from __future__ import annotations

from datetime import UTC, datetime

from portal.models.accounts import User
from portal.security.passwords import hash_password

SHORTEST, LONGEST = 10, 200


def complaint(password: str, login: str) -> str:
    """Why this password is not taken, in German; empty when it is."""
    if len(password) < SHORTEST:
        return f"Mindestens {SHORTEST} Zeichen. Ein Satz aus mehreren Wörtern ist leicht zu merken."
    if len(password) > LONGEST:
        return f"Höchstens {LONGEST} Zeichen."
    if len(set(password)) < 4 or login.casefold() in password.casefold():
        return "Das lässt sich leicht erraten. Bitte wählen Sie ein anderes Passwort."
    return ""


def set_password(user: User, password: str) -> None:
    """The caller ends the logins and commits; links that were mailed before are dead from now on."""
    user.password_hash = hash_password(password)
    user.password_changed_at = datetime.now(UTC)
