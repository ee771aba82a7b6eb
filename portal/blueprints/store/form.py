"""The activation form as it follows from an app's declared settings: read, check, show again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from portal.models import Activation, Location
from portal.platforms.base import ExportApp
from portal.platforms.fields import SettingField, defaults, validate
from portal.wording import translated

LONGEST_NUMBER = 40
LONGEST_TEXT = 500


@dataclass(frozen=True)
class Entries:
    """What stands in the form; `errors` by field name, in the order of the form."""

    customer_number: str = ""
    location_id: UUID | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


def field_of_type(app: ExportApp, kind: str) -> str:
    """Name of the app's customer number or location field."""
    return next((f.name for f in app.fields if f.type == kind), kind)


def blank(app: ExportApp, locations: Sequence[Location]) -> Entries:
    only = locations[0].id if len(locations) == 1 else None
    return Entries(location_id=only, settings=defaults(app.fields))


def of_activation(app: ExportApp, activation: Activation) -> Entries:
    settings = {**defaults(app.fields), **activation.settings}
    return Entries(activation.customer_number, activation.location_id, settings)


def read(
    app: ExportApp,
    form: MultiDict[str, str],
    locations: Sequence[Location],
    activation: Activation | None = None,
) -> Entries:
    """What was filled in. Account and location of an existing activation are not up for change."""
    raw = {f.name: _value(app, f, form) for f in app.fields if f.type not in ("customer_number", "location")}
    number: str
    location_id: UUID | None
    if activation:
        number, location_id = activation.customer_number, activation.location_id
    else:
        number = clean_number(form.get(field_of_type(app, "customer_number"), ""))
        location_id = _location(form.get(field_of_type(app, "location"), ""), locations)
    given = raw | {
        field_of_type(app, "customer_number"): number,
        field_of_type(app, "location"): location_id,
    }
    clean, errors = validate(app.fields, given)
    found = {error.name: translated(error.text) for error in errors}
    found = _missing(app, number, location_id) | found
    ordered = [f.name for f in app.fields]
    return Entries(
        number,
        location_id,
        raw | clean,
        dict(sorted(found.items(), key=lambda item: ordered.index(item[0]) if item[0] in ordered else -1)),
    )


def clean_number(text: str) -> str:
    """Without the spaces that invoices print in it."""
    return "".join(text.replace("\x00", "").split())[:LONGEST_NUMBER]


def kind_name(setting: SettingField, kind: str) -> str:
    return f"{setting.name}-{kind}"


def days_name(setting: SettingField, kind: str) -> str:
    return f"{setting.name}-{kind}-days"


def _missing(app: ExportApp, number: str, location_id: UUID | None) -> dict[str, str]:
    errors = {}
    if not number:
        errors[field_of_type(app, "customer_number")] = _("Bitte geben Sie Ihre Kundennummer an.")
    if location_id is None:
        errors[field_of_type(app, "location")] = _("Bitte wählen Sie einen Standort.")
    return errors


def _location(text: str, locations: Sequence[Location]) -> UUID | None:
    if len(locations) == 1:
        return locations[0].id
    return next((location.id for location in locations if str(location.id) == text), None)


def _value(app: ExportApp, setting: SettingField, form: MultiDict[str, str]) -> Any:
    if setting.type == "flag":
        return setting.name in form
    if setting.type == "kinds":
        return {
            str(kind): _days(setting, kind, form) for kind in app.kinds if kind_name(setting, kind) in form
        }
    default = setting.default if setting.type == "choice" else ""
    return form.get(setting.name, default)[: max(LONGEST_TEXT, setting.longest + 1)]


def _days(setting: SettingField, kind: str, form: MultiDict[str, str]) -> int | str:
    """What is no number stays as written, for the error beside it."""
    text = form.get(days_name(setting, kind), "").strip() or "0"
    return int(text) if text.isdecimal() and len(text) < 6 else text[:20]
