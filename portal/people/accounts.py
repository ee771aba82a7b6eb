"""Accounts of users: what their rights are called, what a password must be, how they are invited."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from config import Settings
from portal.messages import Message, Wording, say
from portal.models.accounts import RIGHTS, Dealer, User
from portal.notifications.emails import Recipient, queue_email
from portal.security.links import INVITATION_LIFETIME, password_link
from portal.security.passwords import hash_password


@dataclass(frozen=True)
class RightText:
    right: str
    label: Message
    help: Message


RIGHT_TEXTS = (
    RightText("view", say("Ansehen"), say("Alle Seiten lesen. Ohne dieses Recht ist keine Seite offen.")),
    RightText("activate_apps", say("Apps aktivieren"), say("Apps aktivieren, einstellen und deaktivieren.")),
    RightText(
        "unlock", say("Sperren aufheben"), say("Nach einer Bestandsabweichung die Übertragung aktivieren.")
    ),
    RightText("full_transfer", say("Komplettübertragung"), say("Den ganzen Bestand erneut senden.")),
    RightText(
        "edit_vehicles",
        say("Fahrzeuge bearbeiten"),
        say("Fahrzeuge anlegen, ändern, freigeben und importieren."),
    ),
    RightText(
        "settings", say("Einstellungen"), say("Einstellungen des Hauses, Standorte und API-Schlüssel.")
    ),
    RightText(
        "manage_users", say("Nutzer verwalten"), say("Nutzer einladen, ihre Rechte ändern und sie sperren.")
    ),
)


def beyond(mine: Iterable[str], given: Iterable[str]) -> list[RightText]:
    """Those that whoever has `mine` may neither give nor hold others to. Looking is everybody's."""
    foreign = set(given) - set(mine) - {"view"}
    return [text for text in RIGHT_TEXTS if text.right in foreign]


def known_rights(given: Iterable[str]) -> list[str]:
    """The rights among them in their order. Whoever may do anything may look."""
    chosen = set(given) & set(RIGHTS)
    return [right for right in RIGHTS if right in chosen or (right == "view" and chosen)]


# What a password must be, and what changing it means.


SHORTEST, LONGEST = 10, 200
MOST_JUDGED = 72
"""Characters; whatever comes behind them makes no password worse."""
FAIR = 2
"""Of zxcvbn's 0 to 4: more than a million guesses."""
OUR_WORDS = ("passwort", "autohaus", "fahrzeug", "händler", "export", "mobile.de", "autoscout24")


def password_complaint(password: str, login: str) -> Wording:
    """Why this password is not taken; empty when it is."""
    if len(password) < SHORTEST:
        return say(
            "Mindestens {shortest} Zeichen. Ein Satz aus mehreren Wörtern ist leicht zu merken.",
            shortest=SHORTEST,
        )
    if len(password) > LONGEST:
        return say("Höchstens {longest} Zeichen.", longest=LONGEST)
    if login.casefold() in password.casefold() or _is_easy(password, login):
        return say("Das lässt sich leicht erraten. Bitte wählen Sie ein anderes Passwort.")
    return ""


def _is_easy(password: str, login: str) -> bool:
    """Known from lists of frequent ones, a row of keys, a date, or hardly more than that. No rule says what
    kinds of characters a password has to have."""
    from zxcvbn import zxcvbn  # 13 MB of frequent passwords, for those who choose one

    return bool(zxcvbn(password[:MOST_JUDGED], user_inputs=[login, *OUR_WORDS])["score"] < FAIR)


def set_password(user: User, password: str) -> None:
    """The caller ends the logins and commits; links that were mailed before are dead from now on."""
    user.password_hash = hash_password(password)
    user.password_changed_at = datetime.now(UTC)


# New users: a row without a password, and a mail with a link to set one.


def mail_invitation(session: Session, settings: Settings, user: User, dealer: Dealer, inviter: str) -> bool:
    """Write the mail; an earlier link for the same user works until the password is set."""
    return queue_email(
        session,
        settings,
        Recipient.of(user),
        "invitation",
        name=user.display_name,
        login=user.login,
        dealer=dealer.name,
        invited_by=inviter,
        hours=int(INVITATION_LIFETIME.total_seconds() // 3600),
        url=password_link(settings, user, invitation=True),
    )
