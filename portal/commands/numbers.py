"""`bind-number`: vouch for it that a customer number is a dealer's."""

from __future__ import annotations

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from portal import audit
from portal.exports.lifecycle import customer_numbers
from portal.extensions import db
from portal.models import Dealer
from portal.platforms import APPS


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
