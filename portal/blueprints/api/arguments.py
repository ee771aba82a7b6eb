"""What stands in the query of an address, read strictly."""

from __future__ import annotations

from uuid import UUID

from flask import request


class BadArgument(Exception):
    """An argument that cannot be understood; its text is the answer."""


def refuse_odd_query(known: tuple[str, ...]) -> None:
    """A misspelt filter would otherwise answer with everything."""
    if b"%00" in request.query_string:
        raise BadArgument("A zero byte is no text.")
    if unknown := sorted(set(request.args) - set(known)):
        raise BadArgument(f"Unknown: {unknown[0][:60]}. Known are: {', '.join(known)}.")


def read_id(name: str, text: str, kind: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadArgument(f"{name} is the id of a {kind}.") from None


def read_limit(usual: int, most: int) -> int:
    text = request.args.get("limit", str(usual))
    if not (text.isascii() and text.isdecimal() and len(text) < 6 and 1 <= int(text) <= most):
        raise BadArgument(f"limit is a whole number from 1 to {most}.")
    return int(text)
