"""A file as somebody described it: its columns and how they are spelled. Plain data, kept as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from portal.formats.charset import encodable, is_one_line
from portal.platforms.common.catalogue import BY_NAME
from portal.platforms.common.template import problem as template_problem
from portal.vehicles.data import Kind

Format = Literal["csv", "json", "xml"]
MOST_COLUMNS = 150
LONGEST_LABEL = 80
LONGEST_TEXT = 20_000
SEPARATORS = {";": "Semikolon", ",": "Komma", "\t": "Tabulator", "|": "Senkrechter Strich"}
CHARSETS = {"utf-8": "UTF-8", "iso-8859-15": "ISO-8859-15", "cp1252": "Windows-1252"}
DATES = {"german": "05.2018", "iso": "2018-05", "slash": "05/2018"}
FLAGS = {"digits": ("1", "0"), "words": ("ja", "nein"), "english": ("true", "false")}
BREAKS = {"space": " ", "keep": "\n", "html": "<br>"}
FORMATS = {"csv": "CSV", "json": "JSON", "xml": "XML"}
PICTURES = {"urls": "Als Adressen", "zip": "In einer Zip-Datei", "none": "Keine"}
OF_PICTURES = {"urls": ("picture_urls", "first_picture_url"), "zip": ("picture_names",), "none": ()}
"""Facts that say something only with pictures of that kind."""


@dataclass(frozen=True)
class Column:
    """A fact, or else a text: fixed, or with names of facts in braces."""

    label: str
    fact: str = ""
    text: str = ""


@dataclass(frozen=True)
class Profile:
    """How a file looks. `separator` to `flags` concern formats that have them."""

    columns: tuple[Column, ...]
    format: Format = "csv"
    separator: str = ";"
    charset: str = "utf-8"
    mark: bool = False
    header: bool = True
    comma: bool = True
    """Decimals with a comma."""
    dates: str = "german"
    flags: str = "digits"
    breaks: str = "space"
    pictures: str = "urls"
    longest_text: int = 5000
    kinds: tuple[str, ...] = ()
    """Only these; none: all."""
    price_from: int | None = None
    price_to: int | None = None

    def as_json(self) -> dict[str, Any]:
        """As it comes back from the database, so that the two can be compared."""
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Profile:
        """Raises ValueError (German) for what is no usable definition."""
        known = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
        try:
            columns = tuple(Column(**dict(column)) for column in known.pop("columns", ()))
            kinds = tuple(known.pop("kinds", ()))
            profile = cls(columns=columns, kinds=kinds, **known)
        except TypeError as error:
            raise ValueError("Die Definition des Exports ist nicht lesbar.") from error
        if found := problems(profile):
            raise ValueError(next(iter(found.values())))
        return profile


def problems(profile: Profile) -> dict[str, str]:
    """What is wrong with a definition, by the name of the setting; columns as `columns-3`."""
    found = _choice_problems(profile) | _number_problems(profile)
    if not profile.columns:
        found["columns"] = "Bitte wählen Sie mindestens eine Spalte."
    if len(profile.columns) > MOST_COLUMNS:
        found["columns"] = f"Höchstens {MOST_COLUMNS} Spalten sind möglich."
    seen: set[str] = set()
    for place, column in enumerate(profile.columns):
        if reason := _column_problem(profile, column, seen):
            found[f"columns-{place}"] = f"Spalte {place + 1}: {reason}"
        seen.add(column.label)
    return found


def _choice_problems(profile: Profile) -> dict[str, str]:
    possible: dict[str, Mapping[str, Any]] = {
        "format": FORMATS,
        "separator": SEPARATORS,
        "charset": CHARSETS,
        "dates": DATES,
        "flags": FLAGS,
        "breaks": BREAKS,
        "pictures": PICTURES,
    }
    found = {
        name: "Bitte eine der Möglichkeiten wählen."
        for name, values in possible.items()
        if getattr(profile, name) not in values
    }
    if not set(profile.kinds) <= set(Kind):
        found["kinds"] = "Bitte wählen."
    return found


def _number_problems(profile: Profile) -> dict[str, str]:
    found = {}
    for name in ("price_from", "price_to"):
        value = getattr(profile, name)
        if value is not None and not (isinstance(value, int) and 0 <= value <= 9_999_999):
            found[name] = "Bitte einen Betrag von 0 bis 9.999.999 € angeben."
    if not found and None not in (profile.price_from, profile.price_to) and _upside_down(profile):
        found["price_to"] = "Der höchste Preis ist kleiner als der niedrigste."
    if not isinstance(profile.longest_text, int) or not 100 <= profile.longest_text <= LONGEST_TEXT:
        found["longest_text"] = "Bitte eine Länge von 100 bis 20.000 Zeichen angeben."
    return found


def _upside_down(profile: Profile) -> bool:
    return (profile.price_from or 0) > (profile.price_to or 0)


def _column_problem(profile: Profile, column: Column, seen: set[str]) -> str:
    label = column.label
    if not label or label != label.strip() or len(label) > LONGEST_LABEL:
        return f"Bitte eine Überschrift von höchstens {LONGEST_LABEL} Zeichen angeben."
    if not is_one_line(label):
        return "Zeilenumbrüche und Steuerzeichen sind in einer Überschrift nicht möglich."
    if label in seen:
        return f"Die Überschrift „{label}“ steht schon bei einer anderen Spalte."
    if profile.charset in CHARSETS and not encodable(label, profile.charset):
        return f"Die Überschrift „{label}“ lässt sich in {CHARSETS[profile.charset]} nicht schreiben."
    if column.fact and column.fact not in BY_NAME:
        return f"Das Feld „{column.fact}“ gibt es nicht."
    return template_problem(column.text)
