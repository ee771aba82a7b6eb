"""`tick`: one round of the scheduler, by hand."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from portal.exports import jobs


@click.command("tick")
@with_appcontext
def tick() -> None:
    """Do what the scheduler does: release by stock days, forget what is old, ring for what waits, mail."""
    jobs.run_housekeeping()
    rung = jobs.run_tick()
    jobs.look_for_notices()
    click.echo(f"Rang for {rung} activations.")
