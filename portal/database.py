"""The schema: migrations as a function, for commands and tests alike."""

from __future__ import annotations

import logging
from pathlib import Path

import flask_migrate

MIGRATIONS = Path(__file__).parents[1] / "migrations"


def migrate() -> None:
    """Bring the database of the current application up to the newest revision."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    flask_migrate.upgrade(directory=str(MIGRATIONS))
