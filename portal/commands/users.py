"""`create-user`: someone of a dealer who logs in."""

from __future__ import annotations

import sys

import click
from flask import Flask
from flask.cli import with_appcontext
from sqlalchemy import select

from portal.extensions import db
from portal.models import Dealer, User
from portal.models.accounts import RIGHTS
from portal.security.passwords import hash_password


def register(app: Flask) -> None:
    app.cli.add_command(create_user)


@click.command("create-user")
@click.argument("login")
@click.option("--dealer", "dealer_key", required=True, help="Key of the dealer, see create-dealer.")
@click.option("--password-stdin", is_flag=True, required=True, help="Read the password from standard input.")
@click.option("--name", default="", help="Name of the person; the login when left out.")
@click.option("--email", default="")
@click.option(
    "--right", "rights", multiple=True, type=click.Choice(RIGHTS), help="Repeatable; all when left out."
)
@with_appcontext
def create_user(
    login: str, dealer_key: str, password_stdin: bool, name: str, email: str, rights: tuple[str, ...]
) -> None:
    """Create LOGIN for a dealer. The password is read from standard input, never from the command line."""
    _ = password_stdin
    login = login.strip()
    if not login or len(login) > 80:
        raise click.BadParameter("1 to 80 characters.", param_hint="LOGIN")
    dealer = db.session.scalar(select(Dealer).where(Dealer.key == dealer_key))
    if dealer is None:
        raise click.ClickException(f"There is no dealer {dealer_key}. Create it with create-dealer.")
    if db.session.scalar(select(User).where(User.login == login)):
        raise click.ClickException(
            f"The login {login} exists already. Logins are unique in the whole portal."
        )
    user = User(
        login=login, dealer_id=dealer.id, name=name or login, email=email, rights=list(rights or RIGHTS)
    )
    user.password_hash = hash_password(_password())
    db.session.add(user)
    db.session.commit()
    click.echo(f"User {login} of {dealer.name} created.")


def _password() -> str:
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise click.ClickException("No password came on standard input.")
    return password
