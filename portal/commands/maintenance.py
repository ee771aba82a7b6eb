"""Commands that an operator runs now and then: `rotate-secrets` and `tick`."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select, update
from sqlalchemy.orm import InstrumentedAttribute

from portal.exports import jobs
from portal.extensions import db
from portal.models import Activation, Mail, StockSource, User, WebhookEndpoint
from portal.security.vault import Sealed, Vault

SealedTable = type[Activation] | type[User] | type[WebhookEndpoint] | type[StockSource] | type[Mail]
SEALED: tuple[tuple[SealedTable, InstrumentedAttribute[str]], ...] = (
    (Activation, Activation.secrets),
    (User, User.totp_secret),
    (WebhookEndpoint, WebhookEndpoint.secrets),
    (StockSource, StockSource.secrets),
    (Mail, Mail.sealed),
)
"""Every sealed column; a test compares with the models."""


@click.command("rotate-secrets")
@with_appcontext
def rotate_secrets() -> None:
    """Put a new key first in SECRETS_KEYS, the old one behind it, restart, run this, take the old one out."""
    vault: Vault = current_app.extensions["vault"]
    try:
        rotated = sum(_rotate(vault, kind, column) for kind, column in SEALED)
    except Sealed as error:
        db.session.rollback()
        raise click.ClickException(
            f"{error} Nothing was changed: keep the old key in SECRETS_KEYS."
        ) from error
    db.session.commit()
    click.echo(f"{rotated} secrets are sealed with the first key.")


def _rotate(vault: Vault, kind: SealedTable, column: InstrumentedAttribute[str]) -> int:
    rows = db.session.execute(select(kind.id, column).where(column != "").with_for_update()).all()
    for key, sealed in rows:
        vault.open(key, sealed)
        change = update(kind).where(kind.id == key).values({column: vault.rotate(sealed)})
        db.session.execute(change)
    return len(rows)


# `tick`: one round of the scheduler, by hand.


@click.command("tick")
@with_appcontext
def tick() -> None:
    """Do what the scheduler does: release by stock days, forget what is old, ring, mail, tell webhooks."""
    jobs.run_housekeeping()
    in_line = jobs.run_tick()
    jobs.look_for_notices()
    jobs.look_for_webhooks()
    jobs.webhook_loop().wait()
    if in_line:
        click.echo("Rang for all that is due.")
    else:
        click.echo("Redis does not answer: sent what could be sent from here.")
