"""The form of a source, as it follows from the declared settings: read, check, show again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from portal.models import Location, StockSource
from portal.platforms.contract.fields import SettingField, defaults
from portal.platforms.contract.files import Transport
from portal.sources.control import SourceFacts
from portal.sources.settings import FIELDS
from portal.web.forms import one_line
from portal.web.targets import (
    chosen_location,
    chosen_secrets,
    confirmed_key,
    read_settings,
    times_of,
    unconfirmed_key,
)

COMPLETE, PARTIAL = "complete", "partial"
LONGEST_NAME, LONGEST_TEXT = 100, 500


@dataclass(frozen=True)
class SourceEntries:
    """What stands in the form; `errors` by field name."""

    name: str = ""
    location_id: UUID | None = None
    scope: str = ""
    settings: Mapping[str, Any] = field(default_factory=lambda: defaults(FIELDS))
    errors: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What was typed into secret fields; never shown again."""
    kept: frozenset[str] = frozenset()
    """Secret settings that are stored already and stay unless something else is typed."""
    host_key: str = ""
    """The server's key as the dealer saw it in the trial of the connection."""

    @property
    def is_partial(self) -> bool:
        return self.scope == PARTIAL

    def facts(self, stored: Mapping[str, str]) -> SourceFacts:
        """Of a form without errors."""
        assert self.location_id is not None  # noqa: S101
        return SourceFacts(
            self.name,
            self.location_id,
            self.is_partial,
            self.settings,
            self.host_key,
            chosen_secrets(self.secrets, self.kept, stored),
        )


def blank(locations: Sequence[Location]) -> SourceEntries:
    return SourceEntries(location_id=locations[0].id if len(locations) == 1 else None)


def of_source(source: StockSource, stored: Iterable[str]) -> SourceEntries:
    return SourceEntries(
        source.name,
        source.location_id,
        PARTIAL if source.partial else COMPLETE,
        defaults(FIELDS) | source.settings,
        kept=frozenset(stored),
        host_key=source.host_key,
    )


def read(
    form: MultiDict[str, str],
    locations: Sequence[Location],
    source: StockSource | None = None,
    stored: Iterable[str] = (),
) -> SourceEntries:
    """What was filled in. `stored`: names of the secrets that the source has already."""
    raw = {setting.name: _value(setting, form) for setting in FIELDS if setting.type != "secret"}
    stated = read_settings(FIELDS, raw, form, stored, source.settings if source else None)
    entries = SourceEntries(
        one_line(form.get("name")),
        chosen_location(form.get("location", ""), locations),
        form.get("scope", ""),
        stated.settings,
        secrets=stated.secrets,
        kept=stated.kept,
        host_key=confirmed_key(form),
    )
    return _with_errors(entries, stated.errors)


def read_place(form: MultiDict[str, str], locations: Sequence[Location]) -> SourceEntries:
    """What is filled in of a drop folder: whose stock it brings, and how much of it."""
    place = chosen_location(form.get("location", ""), locations)
    return _with_errors(SourceEntries(one_line(form.get("name")), place, form.get("scope", "")), {})


def unconfirmed(entries: SourceEntries, source: StockSource | None) -> dict[str, str]:
    if entries.settings.get("transport") != Transport.SFTP:
        return {}
    key_before = source.host_key if source else ""
    before = source.settings if source else None
    return unconfirmed_key(entries.host_key, entries.settings, key_before, before)


def _with_errors(entries: SourceEntries, found: Mapping[str, str]) -> SourceEntries:
    errors: dict[str, str] = {}
    if not entries.name:
        errors["name"] = _("Bitte geben Sie der Quelle einen Namen.")
    elif len(entries.name) > LONGEST_NAME:
        errors["name"] = _("Höchstens %(longest)s Zeichen.", longest=LONGEST_NAME)
    if entries.location_id is None:
        errors["location"] = _("Bitte wählen Sie einen Standort.")
    if entries.scope not in (COMPLETE, PARTIAL):
        errors["scope"] = _("Bitte wählen Sie, ob die Datei den ganzen Bestand enthält.")
    ordered = {setting.name: found[setting.name] for setting in FIELDS if setting.name in found}
    return SourceEntries(**(vars(entries) | {"errors": errors | ordered}))


def _value(setting: SettingField, form: MultiDict[str, str]) -> Any:
    if setting.type == "schedule":
        return times_of(form.get(setting.name, ""))
    if setting.type == "choice":
        chosen = form.get(setting.name, "")
        return chosen if chosen in {option.value for option in setting.options} else setting.default
    return form.get(setting.name, "")[: max(LONGEST_TEXT, setting.longest + 1)]
