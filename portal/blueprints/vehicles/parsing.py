"""Texts as people type them: numbers of their language, months, days, lines. ValueError says what is
expected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _

from portal.blueprints.vehicles.form_cards import FormField
from portal.formats.plain_text import plain_line, plain_text, stated_line
from portal.vehicle_facts.countries import read_country
from portal.vehicle_facts.dates import REGISTERED_AHEAD, stated_month
from portal.vehicle_facts.numbers import Convention, Quantity, read_number
from portal.vehicle_facts.quantities import quantity_of
from portal.vehicle_facts.understanding import NotUnderstood, Rounded
from portal.vehicle_facts.vocabularies import read_emission_class
from portal.web.wording import translated

ANY = Quantity(places=9, least=Decimal(-(10**9)), most=Decimal(10**9), money=True)
"""A number of which nothing is known."""


def spell_number(value: Decimal) -> str:
    """As `parse_number` reads it in this language: without groups, `12345,67` or `12345.67`."""
    spelled = format(value, "f")
    return spelled if _in_english() else spelled.replace(".", ",")


def parse_number(text: str, quantity: Quantity = ANY) -> Decimal:
    """In every spelling that means one number; `12.345` groups in German, `12,345` in English."""
    try:
        return read_number(text, quantity, Convention.ENGLISH if _in_english() else Convention.GERMAN)
    except NotUnderstood as refused:
        raise ValueError(explained(refused)) from refused


def parse_field(field: FormField, text: Any) -> Any:
    """The value of a field. Raises ValueError with what is expected."""
    try:
        if field.type in ("whole", "decimal"):
            number = _parse_quantity(text, quantity_of(field.name) or ANY)
            return int(number) if field.type == "whole" else number
        return (OF_FIELDS.get(field.name) or PARSERS[field.type])(text)
    except NotUnderstood as refused:
        raise ValueError(explained(refused)) from refused


def _parse_quantity(text: str, quantity: Quantity) -> Decimal:
    """More decimals than the fact has are rounded where nobody means them; the form shows what was taken."""
    convention = Convention.ENGLISH if _in_english() else Convention.GERMAN
    try:
        return read_number(text, quantity, convention)
    except Rounded as rounded:
        return Decimal(rounded.instead)


def explained(refused: NotUnderstood) -> str:
    """What a form expects instead."""
    limit = refused.values.get("limit") or refused.values.get("places")
    match refused.code:
        case "number-unreadable":
            return _("Bitte eine Zahl eingeben, zum Beispiel 12.345,67.")
        case "number-not-whole":
            return _("Bitte eine ganze Zahl eingeben.")
        case "number-too-small":
            return _("Der Wert muss mindestens %(limit)s sein.", limit=limit)
        case "number-too-large":
            return _("Der Wert darf höchstens %(limit)s sein.", limit=limit)
        case "number-too-precise":
            return _("Höchstens %(limit)s Stellen nach dem Komma.", limit=limit)
        case "month-unreadable" | "month-impossible" | "month-unknown":
            return _("Bitte Monat und Jahr als MM.JJJJ eingeben, zum Beispiel 05.2021.")
        case _:
            return translated(refused.text)


def _in_english() -> bool:
    locale = get_locale()
    return locale is not None and locale.language == "en"


def _parse_date(text: str) -> date:
    for pattern in ("%d.%m.%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007  # a day has no zone
        except ValueError:
            continue
    raise ValueError(_("Bitte den Tag als TT.MM.JJJJ eingeben, zum Beispiel 24.11.2026."))


def _parse_maybe(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError(_("Bitte eine der Möglichkeiten wählen."))
    return text == "yes"


def _parse_emission_class(text: str) -> str:
    """As it is labelled in Germany; what nobody knows stays as it was typed, and is never another class."""
    try:
        return read_emission_class(text)
    except NotUnderstood:
        return stated_line(text)


OF_FIELDS: Mapping[str, Callable[[str], Any]] = {
    "emission_class": _parse_emission_class,
    "country_version": lambda text: read_country(stated_line(text)) if stated_line(text) else "",
    "first_registration": lambda text: stated_month(text, REGISTERED_AHEAD),
}
PARSERS: Mapping[str, Callable[[Any], Any]] = {
    "text": stated_line,
    "area": plain_text,
    "choice": str,
    "lines": lambda text: tuple(filter(None, map(plain_line, text.splitlines()))),
    "month": stated_month,
    "date": _parse_date,
    "maybe": _parse_maybe,
    "flag": bool,
    "features": frozenset,
}
