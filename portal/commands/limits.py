"""`limit-dealer`: what a dealer's plan contains."""

from __future__ import annotations

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from portal.extensions import db
from portal.models import Dealer

LIMITS = {"apps": "max_active_apps", "vehicles": "max_exported_vehicles", "users": "max_users"}
LARGEST = 2_000_000_000


def _limit(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """A number, or `none` for no limit."""
    _ = ctx, param
    if value is None or value == "none":
        return value
    if not (value.isascii() and value.isdecimal() and int(value) <= LARGEST):
        raise click.BadParameter("a number from 0, or none to lift the limit.")
    return value


@click.command("limit-dealer")
@click.argument("key")
@click.option("--apps", callback=_limit, metavar="N", help="Active apps, or none.")
@click.option("--vehicles", callback=_limit, metavar="N", help="Exported vehicles, or none.")
@click.option("--users", callback=_limit, metavar="N", help="Users who can log in, or none.")
@with_appcontext
def limit_dealer(key: str, **limits: str | None) -> None:
    """Set what the plan of the dealer KEY contains. Nothing that runs already is ended by a lower limit."""
    dealer = db.session.scalar(select(Dealer).where(Dealer.key == key))
    if dealer is None:
        raise click.ClickException(f"There is no dealer {key}.")
    for name, limit in limits.items():
        if limit is not None:
            setattr(dealer, LIMITS[name], None if limit == "none" else int(limit))
    db.session.commit()
    shown = ((name, getattr(dealer, column)) for name, column in LIMITS.items())
    click.echo(", ".join(f"{name}: {'none' if most is None else most}" for name, most in shown))
