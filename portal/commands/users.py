"""`create-user` and `change-user`: people who log in, of a dealer or of the support."""

from __future__ import annotations

import sys

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from portal import audit
from portal.extensions import db
from portal.models import Dealer, LoginSession, User
from portal.models.accounts import RIGHTS
from portal.people import personal_data, second_factor
from portal.people.accounts import known_rights
from portal.people.logins import end_logins
from portal.people.personal_data import as_document, held_about
from portal.security.passwords import hash_password
from portal.web.support_session import SUPPORT


@click.command("create-user")
@click.argument("login")
@click.option("--dealer", "dealer_key", help="Key of the dealer, see create-dealer.")
@click.option("--support", is_flag=True, help="An agent of the support instead of somebody of a dealer.")
@click.option("--password-stdin", is_flag=True, required=True, help="Read the password from standard input.")
@click.option("--name", default="", help="Name of the person; the login when left out.")
@click.option("--email", default="")
@click.option(
    "--right", "rights", multiple=True, type=click.Choice(RIGHTS), help="Repeatable; all when left out."
)
@with_appcontext
def create_user(
    login: str,
    dealer_key: str | None,
    support: bool,
    password_stdin: bool,
    name: str,
    email: str,
    rights: tuple[str, ...],
) -> None:
    """Create LOGIN for a dealer or the support. The password is read from standard input only."""
    _ = password_stdin
    login = login.strip()
    if not login or len(login) > 80:
        raise click.BadParameter("1 to 80 characters.", param_hint="LOGIN")
    dealer = _employer(dealer_key, support)
    if db.session.scalar(select(User).where(User.login == login)):
        raise click.ClickException(
            f"The login {login} exists already. Logins are unique in the whole portal."
        )
    user = User(login=login, name=name or login, email=email)
    if dealer is None:
        user.role, user.rights = SUPPORT, []
    else:
        user.dealer_id, user.rights = dealer.id, known_rights(rights or RIGHTS)
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise click.ClickException("No password came on standard input.")
    user.password_hash = hash_password(password)
    db.session.add(user)
    db.session.commit()
    click.echo(f"User {login} of {dealer.name if dealer else 'the support'} created.")


def _employer(key: str | None, support: bool) -> Dealer | None:
    """None for an agent."""
    if support == (key is not None):
        raise click.UsageError("Give either --dealer or --support.")
    if support:
        return None
    dealer = db.session.scalar(select(Dealer).where(Dealer.key == key))
    if dealer is None:
        raise click.ClickException(f"There is no dealer {key}. Create it with create-dealer.")
    return dealer


@click.command("change-user")
@click.argument("login")
@click.option("--activate", "active", flag_value=True, default=None, type=bool, help="Let in again.")
@click.option("--deactivate", "active", flag_value=False, type=bool, help="Out at the next request.")
@click.option("--without-second-factor", is_flag=True, help="For a lost phone without recovery codes.")
@with_appcontext
def change_user(login: str, active: bool | None, without_second_factor: bool) -> None:
    """Let LOGIN in or lock it out, also an agent of the support; take a lost second factor off."""
    user = _user(login)
    if active is not None and active != user.active:
        user.active = active
        _note(user, "user.activated" if active else "user.deactivated")
    if without_second_factor and user.totp_confirmed_at:
        second_factor.turn_off(user)
        _note(user, "user.second_factor_off")
    if active is False or without_second_factor:
        end_logins(db.session(), LoginSession.user_id == user.id)
    db.session.commit()
    factor = "a second factor" if user.totp_confirmed_at else "no second factor"
    click.echo(f"{login}: {'active' if user.active else 'locked out'}, {factor}")


@click.command("export-person")
@click.argument("login")
@with_appcontext
def export_person(login: str) -> None:
    """Write what the portal holds about LOGIN to standard output, as JSON."""
    click.echo(as_document(held_about(db.session(), _user(login))))


@click.command("delete-person")
@click.argument("login")
@click.confirmation_option(prompt="For good?")
@with_appcontext
def delete_person(login: str) -> None:
    """Forget LOGIN, of a dealer or of the support. What they did stays on record, of a deleted user."""
    user = _user(login)
    try:
        personal_data.delete_person(db.session(), audit.OPERATOR, user)
    except personal_data.LastManager:
        raise click.ClickException(f"{login} is the last who manages users of this dealer.") from None
    db.session.commit()
    click.echo(f"{login} is deleted.")


def _user(login: str) -> User:
    statement = select(User).where(User.login == login, User.deleted_at.is_(None))
    user = db.session.scalar(statement.with_for_update(of=User))
    if user is None:
        raise click.ClickException(f"There is no user {login}.")
    return user


def _note(user: User, what: str) -> None:
    audit.log(
        db.session(),
        audit.OPERATOR,
        what,
        dealer_id=user.dealer_id,
        object_id=user.id,
        label=user.login,
    )
