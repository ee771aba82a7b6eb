"""Words for what apps declare, for the templates of store and apps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from portal.blueprints.store.forms import Entries
from portal.models import Activation
from portal.platforms import APPS, number_text
from portal.platforms.contract import ExportApp
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


def recommended_settings(app: ExportApp) -> list[SettingField]:
    """Those that stand closed at an activation: a default serves most dealers."""
    return [setting for setting in app.fields if setting.step != "access" and setting.type != "definition"]


def settings_in_short(settings: Sequence[SettingField], entries: Entries) -> list[str]:
    """What stands in the fields that are asked, one text each, without having to open them."""
    given = entries.settings
    return [
        f"{translated(setting.label)}: {_value_in_short(setting, given.get(setting.name, setting.default))}"
        for setting in settings
        if setting.asked(given) and setting.type != "secret"
    ]


def _value_in_short(setting: SettingField, value: Any) -> str:
    if setting.type == "flag":
        return gettext("Ja") if value else gettext("Nein")
    if setting.type == "kinds":
        if set(value) == {kind.value for kind in KINDS} and not any(value.values()):
            return gettext("alle sofort")
        return ", ".join(str(KINDS[Kind(kind)]) for kind in value) or gettext("keine")
    if setting.type == "choice":
        return option_label(setting, value)
    if setting.type == "schedule" and not isinstance(value, str):
        return ", ".join(value)
    return str(value or "") or "–"


def needs_a_look(settings: Sequence[SettingField], entries: Entries) -> bool:
    """Something in them is wrong, or has to be filled in first."""
    return any(
        setting.name in entries.errors
        or (setting.required and not entries.settings.get(setting.name, setting.default))
        for setting in settings
    )


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
    "recommended_settings": recommended_settings,
    "settings_in_short": settings_in_short,
    "needs_a_look": needs_a_look,
    "booking_label": booking_label,
}
