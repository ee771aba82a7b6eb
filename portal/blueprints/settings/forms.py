"""The forms of the settings: what is read of them, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, RadioField, SelectMultipleField, StringField, ValidationError
from wtforms.validators import DataRequired, Regexp

from portal.extensions import db
from portal.models import Dealer, User
from portal.models.accounts import RIGHTS
from portal.notifications.notify import EmailPreference
from portal.notifications.problems import ProblemKind
from portal.notifications.smtp import clean_address
from portal.people.accounts import RightText, beyond, known_rights
from portal.people.inquiries import forwarding_complaint
from portal.vehicles.release import MILD_HYBRID_AS
from portal.web.forms import NoLink, OneAddress, PortalForm, looks_like_host, text_field
from portal.web.setting_labels import LMS, LOCATION, PRESETS
from portal.web.support_session import WHOLE_DEALER
from portal.web.wording import translated

LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{1,79}\Z")
CODE = re.compile(r"[A-Za-zÄÖÜäöü0-9-]{1,10}\Z")
LONGEST = {"code": 10, "name": 200, "street": 200, "postal_code": 10, "city": 100, "phone": 60}


class UserForm(PortalForm):
    """A user of the dealer. `mine` are the rights of whoever fills it in: nobody gives what they do not have,
    they would have it themselves by the next login."""

    login = text_field(
        longest=80,
        validators=[
            Regexp(
                LOGIN, message=_("2 bis 80 Zeichen: Buchstaben, Ziffern, Punkt, Strich, Unterstrich und @.")
            )
        ],
    )
    name = text_field(
        longest=200,
        validators=[
            DataRequired(_("Bitte geben Sie den Namen an.")),
            NoLink(_("Bitte nur den Namen angeben, keine Internetadresse.")),
        ],
    )
    email = text_field(
        longest=254,
        validators=[
            DataRequired(_("Bitte geben Sie eine einzelne Mailadresse an. An sie geht die Einladung.")),
            OneAddress(_("Bitte geben Sie eine einzelne Mailadresse an. An sie geht die Einladung.")),
        ],
    )
    rights = SelectMultipleField(validate_choice=False, filters=[lambda chosen: known_rights(chosen or ())])
    scope = RadioField(choices=["all", "some"], validate_choice=False)
    locations = SelectMultipleField(validate_choice=False)

    def __init__(self, dealer: Dealer, mine: Collection[str], user: User | None = None) -> None:
        stored: dict[str, Any]
        if user is None:  # all rights but to manage users, as far as whoever invites has them
            stored = {"rights": [right for right in RIGHTS[:-1] if right in mine]}
        else:
            stored = {"name": user.name, "email": user.email, "rights": list(user.rights)}
            stored["locations"] = [str(place) for place in user.location_ids]
            stored["scope"] = "some" if user.location_ids else "all"
        super().__init__(data=None if self.is_submitted() else stored)  # What is missing when sent is empty.
        self.dealer, self.mine, self.user = dealer, mine, user
        if user is not None:
            del self.login  # The name to log in with is chosen once.

    @property
    def location_ids(self) -> tuple[UUID, ...]:
        """Empty: all locations."""
        if self.scope.data != "some":
            return ()
        return tuple(place.id for place in self.dealer.locations if str(place.id) in self.locations.data)

    def validate_login(self, field: StringField) -> None:
        if looks_like_host(field.data):
            raise ValidationError(gettext("Ein Benutzername ist keine Internetadresse."))

    def validate_rights(self, field: SelectMultipleField) -> None:
        if self.location_ids and WHOLE_DEALER & set(field.data):
            text = gettext("Einstellungen und Nutzer betreffen alle Standorte, also nur ohne Begrenzung.")
            raise ValidationError(text)
        if not field.data:
            raise ValidationError(gettext("Bitte wählen Sie mindestens ein Recht."))
        if foreign := named_rights(beyond(self.mine, field.data)):
            raise ValidationError(gettext("Diese Rechte haben Sie selbst nicht: %(rights)s", rights=foreign))

    def validate_locations(self, _field: SelectMultipleField) -> None:
        if self.scope.data == "some" and not self.location_ids:
            raise ValidationError(gettext("Bitte wählen Sie mindestens einen Standort."))


def named_rights(rights: Sequence[RightText]) -> str:
    return ", ".join(translated(text.label) for text in rights)


def _line(name: str, *validators: object) -> StringField:
    return text_field(LOCATION[name], longest=LONGEST[name], validators=validators)


class LocationForm(PortalForm):
    code = _line(
        "code",
        Regexp(CODE, message=_("Das Kürzel besteht aus bis zu zehn Buchstaben, Ziffern oder Bindestrichen.")),
    )
    name = _line("name", DataRequired(_("Bitte geben Sie den Namen des Standorts an.")))
    street = _line("street")
    postal_code = _line("postal_code")
    city = _line("city")
    phone = _line("phone")


class InquiriesForm(PortalForm):
    """Where customers' inquiries are forwarded; empty for nowhere. An address is kept as mail servers take
    it: the map of forwardings is theirs."""

    lms_forward_to = StringField(
        LMS["lms_forward_to"],
        filters=[lambda text: (text or "").strip(), lambda typed: clean_address(typed) or typed],
    )

    def __init__(self, dealer: Dealer) -> None:
        super().__init__(obj=None if self.is_submitted() else dealer)
        self.dealer = dealer

    def validate_lms_forward_to(self, field: StringField) -> None:
        if complaint := forwarding_complaint(db.session(), self.dealer, field.data):
            raise ValidationError(translated(complaint))


class ExportForm(PortalForm):
    """What holds for all exports; `people` are the dealer's active users."""

    release_new_vehicles = BooleanField(PRESETS["release_new_vehicles"])
    platform_prices = BooleanField(PRESETS["platform_prices"])
    export_vin = BooleanField(PRESETS["export_vin"])
    export_trade_ins = BooleanField(PRESETS["export_trade_ins"])
    mild_hybrid_as = RadioField(
        PRESETS["mild_hybrid_as"], choices=list(MILD_HYBRID_AS), validate_choice=False
    )
    inform_on_lock = SelectMultipleField(PRESETS["inform_on_lock"], validate_choice=False)

    def values(self, before: Mapping[str, Any], people: Sequence[User]) -> dict[str, Any]:
        """What is wanted. What is not on offer stays as it is; of the people those who are picked already
        come first, as they stand: the same people are no change."""
        picked = {user.id for user in people if str(user.id) in (self.inform_on_lock.data or ())}
        stay = [user_id for user_id in before["inform_on_lock"] if user_id in picked]
        chosen = self.mild_hybrid_as.data
        values: dict[str, Any] = self.data | {
            "mild_hybrid_as": chosen if chosen in MILD_HYBRID_AS else before["mild_hybrid_as"],
            "inform_on_lock": stay + [user.id for user in people if user.id in picked - set(stay)],
        }
        return values


class ConsentForm(PortalForm):
    """What the support may do."""

    support_allowed = BooleanField()
    support_may_act = BooleanField()
    support_mail = BooleanField()


class SecondFactorForm(PortalForm):
    required = BooleanField()


class ApiKeyForm(PortalForm):
    name = text_field(
        longest=100,
        validators=[DataRequired(_("Bitte geben Sie an, wofür der Schlüssel ist."))],
    )
    edit_vehicles = BooleanField()

    def __init__(self, mine: Collection[str]) -> None:
        super().__init__()
        self.mine = mine

    @property
    def rights(self) -> tuple[str, ...]:
        return ("view", "edit_vehicles") if self.edit_vehicles.data else ("view",)

    def validate_edit_vehicles(self, _field: BooleanField) -> None:
        if foreign := named_rights(beyond(self.mine, self.rights)):
            raise ValidationError(gettext("Diese Rechte haben Sie selbst nicht: %(rights)s", rights=foreign))


class NotificationsForm(PortalForm):
    """For each kind of problem how a user is told of it; a field each, named like its kind."""

    @property
    def chosen(self) -> dict[ProblemKind, EmailPreference]:
        """What is not on offer is left out."""
        given = {kind: self[kind.value].data for kind in ProblemKind}
        return {kind: EmailPreference(text) for kind, text in given.items() if text in tuple(EmailPreference)}


for _kind in ProblemKind:
    _field = RadioField(choices=[str(one) for one in EmailPreference], validate_choice=False)
    setattr(NotificationsForm, _kind.value, _field)
