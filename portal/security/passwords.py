"""Password hashes (argon2id)."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$SjQvh+CMZQShNJKT7H7MCQ$ZdJwxHJcROg7a0eTTWXyXvBUuLDA1nn0eJb1YkEnrbo"
"""Of a password that nobody has, made with the same effort as the others."""


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def verify_password(password_hash: str | None, password: str) -> bool:
    """Check a password; for an unknown account (None), or one without a password yet (empty), it takes as
    long as for a known one."""
    try:
        return _hasher.verify(password_hash or _NOBODY, password) and bool(password_hash)
    except (VerificationError, InvalidHashError):
        return False
