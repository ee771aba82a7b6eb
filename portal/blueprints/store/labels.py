"""Words for what apps declare, for the templates of store and apps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from portal.models import Activation
from portal.platforms import APPS, number_text
from portal.platforms.contract.fields import Option, SettingField
from portal.vehicle_facts.data import Kind
from portal.web.wording import translated

KINDS: dict[Kind, LazyString] = {
    Kind.USED: _("Gebrauchtwagen"),
    Kind.NEW: _("Neuwagen"),
    Kind.DEMONSTRATOR: _("Vorführwagen"),
    Kind.ONE_DAY_REGISTRATION: _("Tageszulassung"),
    Kind.EMPLOYEES_CAR: _("Jahres- und Dienstwagen"),
    Kind.CLASSIC: _("Oldtimer"),
}


def pairs(options: Sequence[Option]) -> list[tuple[str, str]]:
    return [(option.value, translated(option.label)) for option in options]


def option_label(setting: SettingField, value: Any) -> str:
    """A value as the form shows it; one that is no longer on offer as it is."""
    label = next((option.label for option in setting.options if option.value == value), str(value))
    return translated(label)


def booking_label(slug: str, code: str) -> str:
    bookings = APPS[slug].bookings if slug in APPS else ()
    return next((translated(booking.label) for booking in bookings if booking.code == code), code)


def account_label(activation: Activation) -> str:
    """Which of a dealer's activations it is: by the name of his own export, else by the customer number."""
    if name := activation.settings.get("name"):
        return f"„{name}“"
    return number_label(activation.app, activation.customer_number)


def number_label(slug: str, customer_number: str) -> str:
    return translated(number_text(slug, customer_number))


TEMPLATE_GLOBALS = {
    "account_label": account_label,
    "number_label": number_label,
    "app_names": {slug: app.name for slug, app in APPS.items()},
    "pairs": pairs,
    "kind_label": KINDS.__getitem__,
    "option_label": option_label,
    "booking_label": booking_label,
}
