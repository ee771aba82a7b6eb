"""The activation form as it follows from an app's declared settings: read, check, show again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from portal.extensions import db
from portal.mandate import demand_dealer
from portal.models import Activation, Location
from portal.platforms.contract import ExportApp
from portal.platforms.contract.fields import SettingField, defaults
from portal.security.vault import Sealed, Vault
from portal.web.targets import chosen_location, chosen_secrets, confirmed_key, read_settings, times_of

LONGEST_NUMBER = 40
LONGEST_TEXT = 500
NOT_SETTINGS = ("customer_number", "location", "secret")


@dataclass(frozen=True)
class Entries:
    """What stands in the form; `errors` by field name, in the order of the form."""

    customer_number: str = ""
    location_id: UUID | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What was typed into secret fields; never shown again."""
    kept: frozenset[str] = frozenset()
    """Secret settings that are stored already and stay unless something else is typed."""
    host_key: str = ""
    """The server's key as the dealer saw it in the trial of the connection."""
    sealed: str = field(default="", repr=False)
    """The stored secrets, as they were when it was decided which are kept."""


def field_of_type(app: ExportApp, kind: str) -> str:
    """Name of the app's customer number or location field."""
    return next((f.name for f in app.fields if f.type == kind), kind)


def blank(app: ExportApp, locations: Sequence[Location]) -> Entries:
    only = locations[0].id if len(locations) == 1 else None
    return Entries(location_id=only, settings=defaults(app.fields))


def of_activation(app: ExportApp, activation: Activation, kept: Iterable[str] = ()) -> Entries:
    settings = {**defaults(app.fields), **activation.settings}
    return Entries(
        activation.customer_number,
        activation.location_id,
        settings,
        kept=frozenset(kept),
        host_key=activation.host_key,
    )


def read(
    app: ExportApp,
    form: MultiDict[str, str],
    locations: Sequence[Location],
    activation: Activation | None = None,
    stored: Iterable[str] = (),
) -> Entries:
    """What was filled in. Account and location of an existing activation are not up for change.

    `stored`: names of the secret settings that it has already.
    """
    raw = {f.name: _value(app, f, form) for f in app.fields if f.type not in NOT_SETTINGS}
    before = activation.settings if activation else None
    # Definitions have a page of their own; here they stay as they are.
    raw |= {f.name: (before or {}).get(f.name, f.default) for f in app.fields if f.type == "definition"}
    number: str
    location_id: UUID | None
    if activation:
        number, location_id = activation.customer_number, activation.location_id
    else:
        number = clean_number(form.get(field_of_type(app, "customer_number"), ""))
        location_id = chosen_location(form.get(field_of_type(app, "location"), ""), locations)
    beside = {field_of_type(app, "customer_number"): number, field_of_type(app, "location"): location_id}
    stated = read_settings(app.fields, raw, form, stored, before, beside)
    found = _missing(app, number, location_id) | dict(stated.errors)
    ordered = [f.name for f in app.fields]
    return Entries(
        number,
        location_id,
        stated.settings,
        dict(sorted(found.items(), key=lambda item: ordered.index(item[0]) if item[0] in ordered else -1)),
        stated.secrets,
        stated.kept,
        confirmed_key(form),
        _sealed_secrets(activation),
    )


def clean_number(text: str) -> str:
    """Without the spaces that invoices print in it. Empty for a longer one: cut, it may be another's."""
    number = "".join(text.split())
    return number if len(number) <= LONGEST_NUMBER else ""


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


def _value(app: ExportApp, setting: SettingField, form: MultiDict[str, str]) -> Any:
    if setting.type == "flag":
        return setting.name in form
    if setting.type == "kinds":
        return {
            str(kind): read_days(setting, kind, form)
            for kind in app.kinds
            if kind_name(setting, kind) in form
        }
    if setting.type == "schedule":
        return times_of(form.get(setting.name, ""))
    default = setting.default if setting.type == "choice" else ""
    return form.get(setting.name, default)[: max(LONGEST_TEXT, setting.longest + 1)]


def read_days(setting: SettingField, kind: str, form: MultiDict[str, str]) -> int | str:
    """What is no number stays as written, for the error beside it."""
    text = form.get(days_name(setting, kind), "").strip() or "0"
    return int(text) if text.isdecimal() and len(text) < 6 else text[:20]


# Secret settings on their way: from the form into the vault, never back into a page.


def _vault() -> Vault:
    vault: Vault = current_app.extensions["vault"]
    return vault


def stored_secrets(activation: Activation | None) -> dict[str, str]:
    """The opened secrets of an activation; none where they cannot be opened."""
    sealed = _sealed_secrets(activation)
    if activation is None or not sealed:
        return {}
    try:
        return _vault().open(activation.id, sealed)
    except Sealed:
        return {}


def _sealed_secrets(activation: Activation | None) -> str:
    if activation is None or activation.id is None:
        return ""
    return db.session.scalar(select(Activation.secrets).where(Activation.id == activation.id)) or ""


def keep_secrets(activation: Activation, entries: Entries) -> bool:
    """Seal them with the activation; False when nothing changed.

    Where somebody else stored others meanwhile, those are for another target: none is kept.
    """
    before = stored_secrets(activation)
    same = entries.sealed == _sealed_secrets(activation)
    after = chosen_secrets(entries.secrets, entries.kept, before if same else {})
    changed = after != before or activation.host_key != entries.host_key
    if changed:
        demand_dealer(db.session())
    if after != before:
        activation.secrets = _vault().seal(activation.id, after)
    activation.host_key = entries.host_key
    return changed
