"""Alembic's environment: the connection and the metadata are those of the Flask application."""

from __future__ import annotations

import click
from alembic import context
from flask import current_app

from portal.database import prepare
from portal.models import Base


def skip_empty(_context: object, _revision: object, directives: list) -> None:
    """`make migration` without a change writes no file."""
    if directives and directives[0].upgrade_ops.is_empty():
        directives.clear()
        print("The models and the migrations agree: nothing to do.")


def run_migrations() -> None:
    running = click.get_current_context(silent=True)
    command = running.info_name if running else ""
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        prepare(connection)
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            compare_type=True,
            compare_server_default=True,
            transaction_per_migration=True,
            process_revision_directives=skip_empty if command == "migrate" else None,
        )
        with context.begin_transaction():
            context.run_migrations()


run_migrations()
