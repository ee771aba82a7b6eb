"""A step of the start that is a process of its own, and says what the database or a full disk refuse."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable

from sqlalchemy.exc import DBAPIError

from portal.launching.checks import full_disk


def run(step: Callable[[], None]) -> None:
    """Ends the process: with a line on standard error where something was refused."""
    logging.basicConfig(level=logging.WARNING)  # what the demo does is no news
    try:
        step()
    except (DBAPIError, OSError) as error:
        complaint = refusal(error)
        if not complaint:
            raise
        sys.exit(complaint)


def refusal(error: DBAPIError | OSError) -> str:
    if isinstance(error, DBAPIError):
        return f"The database refused: {str(error.orig).strip()}"
    return full_disk(error)
