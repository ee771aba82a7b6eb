"""`doctor`: one question after the other, each answered with ok or with what to do."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import click
import httpx
from alembic.script import ScriptDirectory
from flask import current_app
from flask.cli import with_appcontext
from redis import Redis
from redis.exceptions import RedisError
from rq import Worker
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from config import Settings
from portal.database import MIGRATIONS, OLDEST, server_version, too_old
from portal.delivery.smtp import SmtpVerdict
from portal.extensions import db
from portal.metrics import read_metrics
from portal.models import Activation
from portal.notifications.emails import Recipient, send_test_email
from portal.notifications.smtp import clean_address
from portal.platforms.contract.environment import BASE_URL
from portal.security.vault import Sealed

LEAST_SPACE = 1024
"""MB."""
MOST_DRIFT, LONGEST_WAIT, PLATFORM_PATIENCE = 5.0, 300.0, 10.0
"""Seconds."""
QUESTIONS: dict[str, Callable[[], str]] = {}


class Wrong(Exception):
    """What is wrong and what to do."""


def question(ask: Callable[[], str]) -> Callable[[], str]:
    """Asked by `doctor`, in the order in which they stand here. Returns what is well, or raises Wrong."""
    QUESTIONS[ask.__name__] = ask
    return ask


@click.command("doctor")
@click.option("--mail-to", default="", help="Also send a test message to this address.")
@with_appcontext
def doctor(mail_to: str) -> None:
    """Look at everything that the portal needs. Exit status 1 when something is to be done."""
    wrong = 0
    for name, ask in QUESTIONS.items():
        wrong += not _answered(name, ask)
    if mail_to:
        wrong += not _answered("mail", lambda: _mail(mail_to))
    else:
        click.echo("mail: not tried; --mail-to ADDRESS sends a test message")
    sys.exit(1 if wrong else 0)


def _answered(name: str, ask: Callable[[], str]) -> bool:
    try:
        click.echo(f"{name}: ok, {ask()}")
    except Wrong as error:
        click.echo(f"{name}: WRONG, {error}")
        return False
    except SQLAlchemyError as error:
        db.session.rollback()
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        click.echo(f"{name}: WRONG, the database refuses: {reason}. Look at DATABASE_URL and at PostgreSQL.")
        return False
    return True


@question
def database() -> str:
    with db.engine.connect() as connection:
        major, version = server_version(connection)
    if major < OLDEST:
        raise Wrong(too_old(version))
    return f"PostgreSQL {version}"


@question
def migrations() -> str:
    newest = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    there = db.session.scalar(text("SELECT to_regclass('alembic_version') IS NOT NULL"))
    found = db.session.scalar(text("SELECT version_num FROM alembic_version")) if there else None
    if found != newest:
        raise Wrong(
            f"the schema is at {found or 'nothing'}, this version needs {newest}: run `flask db upgrade`"
        )
    return f"the schema is at {found}"


@question
def time() -> str:
    theirs = db.session.execute(select(text("clock_timestamp()"))).scalar_one()
    drift = abs((datetime.now(UTC) - theirs).total_seconds())
    if drift > MOST_DRIFT:
        raise Wrong(
            f"the clocks of this machine and of the database differ by {drift:.0f} s: run an NTP client"
        )
    return "the clocks of this machine and of the database agree"


@question
def redis() -> str:
    redis: Redis = current_app.extensions["redis"]
    try:
        return f"version {redis.info('server')['redis_version']}"
    except RedisError as error:
        raise Wrong(f"Redis does not answer ({error}): start it, or look at REDIS_URL") from error


@question
def workers() -> str:
    try:
        alive = Worker.count(connection=current_app.extensions["redis"])
    except RedisError as error:
        raise Wrong("unknown as long as Redis does not answer") from error
    if not alive:
        raise Wrong("none is alive: systemctl start portal-worker, and look at its log")
    return f"{alive} alive"


@question
def waiting() -> str:
    figures = {figure.name: figure.values for figure in read_metrics(db.session())}
    oldest = figures["portal_oldest_waiting_seconds"][()]
    if oldest > LONGEST_WAIT:
        raise Wrong(
            f"a transfer that could be sent waits for {oldest:.0f} s: are there workers, do they get through?"
        )
    return f"the oldest transfer that could be sent waits for {oldest:.0f} s"


@question
def keys() -> str:
    """Every secret that dealers have left opens with the keys of this process."""
    vault = current_app.extensions["vault"]
    kept = db.session.execute(select(Activation.id, Activation.secrets).where(Activation.secrets != "")).all()
    closed = 0
    for key, sealed in kept:
        try:
            vault.open(key, sealed)
        except Sealed:
            closed += 1
    if closed:
        raise Wrong(
            f"{closed} of {len(kept)} secrets do not open: put the key that sealed them into SECRETS_KEYS"
        )
    return f"{len(kept)} secrets open"


@question
def platforms() -> str:
    """Reachable is who answers at all: what an answer means is told by each account's own pages."""
    settings: Settings = current_app.extensions["settings"]
    addresses = {
        slug: values[BASE_URL] for slug, values in settings.platforms.items() if values.get(BASE_URL)
    }
    silent = []
    for slug, address in addresses.items():
        try:
            httpx.get(address, timeout=PLATFORM_PATIENCE)
        except httpx.HTTPError as error:
            silent.append(f"{slug} at {address} ({type(error).__name__})")
    if silent:
        raise Wrong(f"no answer from {', '.join(silent)}: look at the network, the proxy and the address")
    return f"{', '.join(addresses)} answer"


@question
def disk() -> str:
    folder = current_app.extensions["settings"].data_dir
    try:
        free = shutil.disk_usage(folder).free // 2**20
    except OSError as error:
        raise Wrong(f"{folder} cannot be looked at ({error.strerror}): look at PORTAL_DATA_DIR") from error
    if free < LEAST_SPACE:
        raise Wrong(f"only {free} MB are free in {folder}: make room")
    return f"{free} MB are free in {folder}"


def _mail(address: str) -> str:
    settings: Settings = current_app.extensions["settings"]
    clean = clean_address(address)
    if clean is None:
        raise Wrong(f"{address} is no address")
    answer = send_test_email(settings, Recipient(clean), clean)
    if answer.verdict != SmtpVerdict.TAKEN:
        raise Wrong(f"the mail server says: {answer.text!s}. Look at SMTP_URL and MAIL_FROM")
    return f"the mail server took a message to {clean}"
