"""Settings for how a table is spelled."""

from __future__ import annotations

from portal.platforms.common.profile import CHARSETS, DATES, FORMATS
from portal.platforms.contract.fields import Option, SettingField

SEPARATORS = {"semicolon": ";", "comma": ",", "tab": "\t", "bar": "|"}
"""A tabulator as a setting's value would not survive being tidied."""
LABELS = {"semicolon": "Semikolon", "comma": "Komma", "tab": "Tabulator", "bar": "Senkrechter Strich"}


def _choice(name: str, label: str, pairs: dict[str, str], default: str, **more: object) -> SettingField:
    options = tuple(Option(value, text) for value, text in pairs.items())
    return SettingField(name, label, "choice", options=options, default=default, required=True, **more)  # type: ignore[arg-type]


def table_settings() -> tuple[SettingField, ...]:
    csv_only = {"when": ("format", ("csv",))}
    texts_only = {"when": ("format", ("csv", "xml"))}
    return (
        _choice("format", "Format", FORMATS, "csv"),
        _choice("columns", "Spalten", {"usual": "Die üblichen", "all": "Alle"}, "usual"),
        _choice("separator", "Trennzeichen", LABELS, "semicolon", **csv_only),
        _choice("charset", "Zeichensatz", CHARSETS, "utf-8", **texts_only),
        SettingField(
            "header", "Überschriften in der ersten Zeile", "flag", default=True, when=("format", ("csv",))
        ),
        SettingField(
            "comma", "Zahlen mit Dezimalkomma", "flag", default=True, when=("format", ("csv", "xml"))
        ),
        _choice("dates", "Schreibweise von Monaten", DATES, "german", **texts_only),
    )


def pictures(default: str, *possible: str) -> SettingField:
    labels = {
        "urls": "Als Adressen in einer Spalte",
        "zip": "In einer Zip-Datei mit der Tabelle",
        "none": "Nicht übertragen",
    }
    return _choice("pictures", "Bilder", {name: labels[name] for name in possible}, default)
