"""`demo`: the dealers that `make run` shows."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from portal.demo.load import is_empty, load
from portal.extensions import db


@click.command("demo")
@with_appcontext
def demo() -> None:
    """Load the two demo dealers into an empty database."""
    if not is_empty(db.session()):
        raise click.ClickException("The database already has dealers. The demo belongs into an empty one.")
    counts = load(db.session())
    click.echo(
        f"Loaded {counts.dealers} dealers with {counts.vehicles} vehicles and {counts.pictures} pictures."
    )
