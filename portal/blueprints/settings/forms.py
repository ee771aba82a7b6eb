"""What stands in the form of a user."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from portal.models import Dealer, User
from portal.models.accounts import RIGHTS
from portal.notifications.smtp import clean_address
from portal.people.accounts import known_rights
from portal.web.support_session import WHOLE_DEALER

LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{1,79}")


@dataclass(frozen=True)
class UserEntries:
    login: str = ""
    name: str = ""
    email: str = ""
    rights: tuple[str, ...] = ()
    location_ids: tuple[UUID, ...] = ()
    """Empty: all locations."""
    errors: Mapping[str, str] = field(default_factory=dict)

    def with_error(self, name: str, text: str) -> UserEntries:
        return replace(self, errors={**self.errors, name: text})


def blank(mine: Collection[str]) -> UserEntries:
    """All rights but to manage users, as far as whoever invites has them."""
    return UserEntries(rights=tuple(right for right in RIGHTS[:-1] if right in mine))


def of_user(user: User) -> UserEntries:
    return UserEntries(user.login, user.name, user.email, tuple(user.rights), tuple(user.location_ids))


def read(form: MultiDict[str, str], dealer: Dealer, user: User | None = None) -> UserEntries:
    """What was filled in; the name to log in with is chosen once."""
    login = user.login if user else form.get("login", "").strip()
    entries = UserEntries(
        login=login[:80],
        name=" ".join(form.get("name", "").split())[:200],
        email=form.get("email", "").strip()[:254],
        rights=tuple(known_rights(form.getlist("rights"))),
        location_ids=_locations(form, dealer),
    )
    return replace(entries, errors=_errors(entries, form))


def _locations(form: MultiDict[str, str], dealer: Dealer) -> tuple[UUID, ...]:
    if form.get("scope") != "some":
        return ()
    chosen = set(form.getlist("locations"))
    return tuple(place.id for place in dealer.locations if str(place.id) in chosen)


def _errors(entries: UserEntries, form: MultiDict[str, str]) -> dict[str, str]:
    errors = {}
    if not LOGIN.fullmatch(entries.login):
        errors["login"] = _("2 bis 80 Zeichen: Buchstaben, Ziffern, Punkt, Strich, Unterstrich und @.")
    if not entries.name:
        errors["name"] = _("Bitte geben Sie den Namen an.")
    if clean_address(entries.email) is None:
        errors["email"] = _("Bitte geben Sie eine einzelne Mailadresse an. An sie geht die Einladung.")
    if not entries.rights:
        errors["rights"] = _("Bitte wählen Sie mindestens ein Recht.")
    if form.get("scope") == "some" and not entries.location_ids:
        errors["locations"] = _("Bitte wählen Sie mindestens einen Standort.")
    if entries.location_ids and WHOLE_DEALER & set(entries.rights):
        errors["rights"] = _("Einstellungen und Nutzer betreffen alle Standorte, also nur ohne Begrenzung.")
    return errors
