"""`lms-address` and `lms-aliases`: the dealers' addresses for inquiries, for the operator's mail server."""

from __future__ import annotations

import click
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal import audit
from portal.extensions import db
from portal.models import Dealer
from portal.people.inquiries import find_aliases, mappable

LONGEST = 200


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
        _write(dealer, (address or "").strip())
    click.echo(f"{dealer.name}: {dealer.lms_address or 'no address'}")


def _write(dealer: Dealer, address: str) -> None:
    if address and not (mappable(address) and len(address) <= LONGEST):
        raise click.BadParameter("one plain mail address.", param_hint="--set")
    if dealer.lms_address == address:
        return
    change = {"lms_address": [dealer.lms_address, address]}
    dealer.lms_address = address
    audit.note(
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
