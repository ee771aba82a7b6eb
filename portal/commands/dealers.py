"""`create-dealer`: a tenant and one of its locations."""

from __future__ import annotations

import re

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from portal.extensions import db
from portal.models import Dealer, Location

KEY = re.compile(r"^[a-z0-9][a-z0-9-]{0,59}$")
CODE = re.compile(r"^[A-Za-z0-9]{1,10}$")


@click.command("create-dealer")
@click.argument("key")
@click.option("--name", required=True, help="Name of the dealer, as people read it.")
@click.option(
    "--location", "code", required=True, help="Code of a location, e.g. HH. Repeat the command for more."
)
@click.option("--location-name", default="", help="Name of the location; the dealer's name when left out.")
@with_appcontext
def create_dealer(key: str, name: str, code: str, location_name: str) -> None:
    """Create the dealer KEY with a location, or add a location to an existing one."""
    _check(key, code, name)
    dealer = db.session.scalar(select(Dealer).where(Dealer.key == key))
    if dealer is None:
        dealer = Dealer(key=key, name=name)
        db.session.add(dealer)
        click.echo(f"Dealer {key} created.")
    elif dealer.name != name:
        raise click.ClickException(f"The dealer {key} exists and is called {dealer.name}.")
    _add_location(dealer, code, location_name or name)
    db.session.commit()


def _check(key: str, code: str, name: str) -> None:
    if not KEY.match(key):
        raise click.BadParameter("lower-case letters, digits and hyphens, at most 60.", param_hint="KEY")
    if not CODE.match(code):
        raise click.BadParameter("letters and digits, at most 10.", param_hint="--location")
    if not name.strip() or len(name) > 200:
        raise click.BadParameter("1 to 200 characters.", param_hint="--name")


def _add_location(dealer: Dealer, code: str, name: str) -> None:
    if any(location.code == code for location in dealer.locations):
        click.echo(f"Location {code} exists already.")
        return
    dealer.locations.append(Location(code=code, name=name))
    click.echo(f"Location {code} created.")
