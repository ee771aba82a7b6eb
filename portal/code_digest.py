"""Which code made something that is kept: another release must not believe what an earlier one found."""

from __future__ import annotations

import sys
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path

PORTAL = Path(__file__).parent
_COMPILED = "__pycache__"


@cache
def code_digest(*parts: str) -> str:
    """Of these rooms or modules below `portal/`, of the interpreter and of the library that checks facts.

    Asked once for each process. A version that somebody has to count up would be forgotten once.
    """
    digest = blake2b(f"{sys.version} {version('pydantic')}".encode(), digest_size=16)
    for file in (file for part in parts for file in _files(PORTAL / part)):
        content = file.read_bytes()
        digest.update(f"\0{file.relative_to(PORTAL)}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _files(part: Path) -> list[Path]:
    """FileNotFoundError for what is not there: a room that moved would count for nothing."""
    if part.is_dir():
        return sorted(file for file in part.rglob("*") if file.is_file() and _COMPILED not in file.parts)
    return [part] if part.is_file() else [part.with_suffix(".py").resolve(strict=True)]
