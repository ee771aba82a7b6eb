"""The form of a source, as it follows from the declared settings: read, check, show again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from portal.models import Location, StockSource
from portal.platforms.contract.fields import SettingField, defaults, secrets, validate
from portal.platforms.contract.files import Transport
from portal.sources.control import SourceFacts
from portal.sources.settings import FIELDS, PLACE
from portal.web.forms import one_line
from portal.web.wording import translated

COMPLETE, PARTIAL = "complete", "partial"
HOST_KEY = re.compile(r"[a-z0-9@.-]{1,60} SHA256:[A-Za-z0-9+/=]{20,80}")
SERVER = ("transport", "host", "port")
"""Settings that say which server it is: with another one the key has to be looked at again."""
SECRETS = tuple(setting.name for setting in secrets(FIELDS))
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

    def facts(self, stored: Mapping[str, str]) -> SourceFacts:
        """Of a form without errors."""
        assert self.location_id is not None  # noqa: S101
        return SourceFacts(
            self.name,
            self.location_id,
            self.scope == PARTIAL,
            self.settings,
            self.host_key,
            self.chosen_secrets(stored),
        )

    def chosen_secrets(self, stored: Mapping[str, str]) -> dict[str, str]:
        """What holds from now on: what was typed, and what is kept."""
        return {name: stored[name] for name in self.kept if name in stored} | dict(self.secrets)


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
    raw = {setting.name: _value(setting, form) for setting in FIELDS if setting.name not in SECRETS}
    asked = {setting.name for setting in secrets(FIELDS) if setting.asked(raw)}
    typed = {name: form[name] for name in SECRETS if form.get(name, "").strip() and name in asked}
    kept = {name for name in stored if name in asked - typed.keys() and f"{name}-forget" not in form}
    clean, errors = validate(FIELDS, raw | typed)
    settings = {name: value for name, value in (raw | clean).items() if name not in SECRETS}
    void = kept if _moved(source, settings, PLACE) else set()
    found = {error.name: translated(error.text) for error in errors} | dict.fromkeys(void, _void_text())
    entries = SourceEntries(
        one_line(form.get("name")),
        _location(form.get("location", ""), locations),
        form.get("scope", ""),
        settings,
        secrets=typed,
        kept=frozenset(kept - void),
        host_key=found_key if HOST_KEY.fullmatch(found_key := form.get("host_key", "")) else "",
    )
    return _with_errors(entries, found)


def unconfirmed(entries: SourceEntries, source: StockSource | None) -> dict[str, str]:
    """An error beside the server's name where nobody has looked at its key yet."""
    if entries.settings.get("transport") != Transport.SFTP:
        return {}
    same_key = source is not None and source.host_key == entries.host_key
    if not entries.host_key:
        text = _("Testen Sie die Verbindung und bestätigen Sie den Schlüssel, den der Server zeigt.")
    elif same_key and _moved(source, entries.settings, SERVER):
        text = _("Der Server ist ein anderer. Testen Sie die Verbindung und bestätigen Sie seinen Schlüssel.")
    else:
        return {}
    return {"host": text}


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


def _moved(source: StockSource | None, settings: Mapping[str, Any], names: Iterable[str]) -> bool:
    """Whether these settings are others than those that are stored."""
    if source is None:
        return False
    before = defaults(FIELDS) | source.settings
    return any((settings.get(name) or None) != (before.get(name) or None) for name in names)


def _void_text() -> str:
    return _(
        "Bitte noch einmal eingeben: Der gespeicherte Wert gilt nur für das bisherige Ziel und wird keinem "
        "anderen gesendet."
    )


def _value(setting: SettingField, form: MultiDict[str, str]) -> Any:
    if setting.type == "schedule":
        parts = re.split(r"[,;]", form.get(setting.name, ""))
        return [spelled for part in parts if (spelled := part.strip())]
    if setting.type == "choice":
        chosen = form.get(setting.name, "")
        return chosen if chosen in {option.value for option in setting.options} else setting.default
    return form.get(setting.name, "")[: max(LONGEST_TEXT, setting.longest + 1)]


def _location(text: str, locations: Sequence[Location]) -> UUID | None:
    if len(locations) == 1:
        return locations[0].id
    return next((location.id for location in locations if str(location.id) == text), None)
