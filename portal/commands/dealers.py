"""Commands about dealers: `create-dealer`, `limit-dealer`, `bind-number`, `lms-address` and `lms-aliases`."""

from __future__ import annotations

import re

import click
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal import audit
from portal.exports.lifecycle import customer_numbers
from portal.extensions import db
from portal.models import Dealer, Location
from portal.people.inquiries import find_aliases, mappable
from portal.platforms import APPS

DEALER_KEY = re.compile(r"^[a-z0-9][a-z0-9-]{0,59}$")
LOCATION_CODE = re.compile(r"^[A-Za-z0-9]{1,10}$")


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
    if not DEALER_KEY.match(key):
        raise click.BadParameter("lower-case letters, digits and hyphens, at most 60.", param_hint="KEY")
    if not LOCATION_CODE.match(code):
        raise click.BadParameter("letters and digits, at most 10.", param_hint="--location")
    if not name.strip() or len(name) > 200:
        raise click.BadParameter("1 to 200 characters.", param_hint="--name")
    dealer = db.session.scalar(select(Dealer).where(Dealer.key == key))
    if dealer is None:
        dealer = Dealer(key=key, name=name)
        db.session.add(dealer)
        click.echo(f"Dealer {key} created.")
    elif dealer.name != name:
        raise click.ClickException(f"The dealer {key} exists and is called {dealer.name}.")
    if any(location.code == code for location in dealer.locations):
        click.echo(f"Location {code} exists already.")
    else:
        dealer.locations.append(Location(code=code, name=location_name or name))
        click.echo(f"Location {code} created.")
    db.session.commit()


# `limit-dealer`: what a dealer's plan contains.


PLAN_LIMITS = {"apps": "max_active_apps", "vehicles": "max_exported_vehicles", "users": "max_users"}
LARGEST_LIMIT = 2_000_000_000


def _limit(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """A number, or `none` for no limit."""
    _ = ctx, param
    if value is None or value == "none":
        return value
    if not (value.isascii() and value.isdecimal() and int(value) <= LARGEST_LIMIT):
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
            setattr(dealer, PLAN_LIMITS[name], None if limit == "none" else int(limit))
    db.session.commit()
    shown = ((name, getattr(dealer, column)) for name, column in PLAN_LIMITS.items())
    click.echo(", ".join(f"{name}: {'none' if most is None else most}" for name, most in shown))


# `lms-address` and `lms-aliases`: the dealers' addresses for inquiries, for the operator's mail server.


LONGEST_LMS_ADDRESS = 200


@click.command("lms-address")
@click.argument("key")
@click.option("--set", "address", metavar="ADDRESS", help="The address that customers' inquiries come to.")
@click.option("--remove", is_flag=True, help="Take the address away.")
@with_appcontext
def lms_address(key: str, address: str | None, remove: bool) -> None:
    """Show, set or remove the @dein.auto address of the dealer KEY."""
    dealer = db.session.scalar(select(Dealer).where(Dealer.key == key))
    if dealer is None:
        raise click.ClickException(f"There is no dealer {key}.")
    if remove and address is not None:
        raise click.UsageError("--set and --remove exclude each other.")
    if remove or address is not None:
        _set_lms_address(dealer, (address or "").strip())
    click.echo(f"{dealer.name}: {dealer.lms_address or 'no address'}")


def _set_lms_address(dealer: Dealer, address: str) -> None:
    if address and not (mappable(address) and len(address) <= LONGEST_LMS_ADDRESS):
        raise click.BadParameter("one plain mail address.", param_hint="--set")
    if dealer.lms_address == address:
        return
    change = {"lms_address": [dealer.lms_address, address]}
    dealer.lms_address = address
    audit.log(
        db.session(),
        audit.OPERATOR,
        "settings.changed",
        dealer_id=dealer.id,
        label="LMS Grundeinstellungen",
        detail=change,
    )
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        raise click.ClickException(f"Another dealer has the address {address}.") from None


@click.command("lms-aliases")
@with_appcontext
def lms_aliases() -> None:
    """Print where inquiries are forwarded, as a virtual alias map of Postfix. Changes nothing."""
    found = find_aliases(db.session())
    click.echo("# Printed by flask --app portal lms-aliases. Changes in this file are lost.")
    for alias in found.good:
        click.echo(f"{alias.address}\t{alias.target}")
    for key in found.left_out:
        click.echo(f"Left out: the addresses of the dealer {key} cannot be used as they are.", err=True)


# `bind-number`: vouch for it that a customer number is a dealer's.


@click.command("bind-number")
@click.argument("number")
@click.option("--app", "slug", required=True, help="The app that will serve it, for example mobile-de.")
@click.option("--dealer", "key", required=True, help="Key of the dealer.")
@with_appcontext
def bind_number(number: str, slug: str, key: str) -> None:
    """Vouch for it that NUMBER at the app's platform belongs to the dealer.

    Until then nothing about the number is shown, read or activated. A second time changes nothing.
    """
    number = "".join(number.split())
    app = APPS.get(slug)
    if app is None:
        raise click.ClickException(f"There is no app {slug}. There are: {', '.join(sorted(APPS))}.")
    dealer = db.session.scalar(select(Dealer).where(Dealer.key == key))
    if dealer is None:
        raise click.ClickException(f"There is no dealer {key}.")
    if not number or len(number) > 40:
        raise click.ClickException("A customer number has 1 to 40 characters.")
    try:
        customer_numbers.bind_number(db.session(), audit.OPERATOR, dealer.id, app.platform, number, "command")
    except customer_numbers.BoundElsewhere:
        raise click.ClickException(
            f"{number} is bound to another dealer. Release it first, in the support area under Kundennummern."
        ) from None
    db.session.commit()
    click.echo(f"{number} at {app.platform} belongs to {dealer.name}.")
