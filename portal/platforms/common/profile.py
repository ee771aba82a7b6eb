"""A file as somebody described it: its columns, their texts, and how they are written. Kept as JSON."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from portal.formats.charset import encodable, is_one_line
from portal.messages import Wording, say
from portal.platforms.common.catalogue import BY_NAME, FACTS
from portal.vehicle_facts.data import Kind

LONGEST_TEMPLATE = 300
_NAME = re.compile(r"\{([a-z0-9_]{1,40})\}")

Part = tuple[str, str]
"""A literal text and the name of the fact that follows it; empty at the end."""


class Unusable(ValueError):
    """Why a template or a definition cannot be used."""

    def __init__(self, reason: Wording) -> None:
        super().__init__(reason)
        self.reason = reason


def parts_of(text: str) -> tuple[Part, ...]:
    """Raises Unusable for a name that is not known and for a brace that belongs to none."""
    parts, end = [], 0
    for found in _NAME.finditer(text):
        name = found.group(1)
        if name not in BY_NAME:
            raise Unusable(say("„{{name}}“ ist kein Feld eines Fahrzeugs.", name=name))
        parts.append((_literal(text[end : found.start()]), name))
        end = found.end()
    return (*parts, (_literal(text[end:]), ""))


def _literal(text: str) -> str:
    if "{" in text or "}" in text:
        raise Unusable(say("Geschweifte Klammern stehen nur um den Namen eines Feldes, zum Beispiel {make}."))
    return text


def filled_in(parts: tuple[Part, ...], value_of: Callable[[str], str]) -> str:
    return "".join(literal + (value_of(name) if name else "") for literal, name in parts)


def template_problem(text: str) -> Wording:
    """Why a template cannot be used; empty when it can."""
    if len(text) > LONGEST_TEMPLATE:
        return say("Höchstens {longest} Zeichen.", longest=LONGEST_TEMPLATE)
    if not is_one_line(text):
        return say("Zeilenumbrüche und Steuerzeichen sind hier nicht möglich.")
    try:
        parts_of(text)
    except Unusable as error:
        return error.reason
    return ""


# A file as somebody described it: its columns and how they are spelled. Plain data, kept as JSON.


Format = Literal["csv", "json", "xml"]
MOST_COLUMNS = 150
LONGEST_LABEL = 80
LONGEST_DESCRIPTION = 20_000
SEPARATORS = (";", ",", "\t", "|")
CHARSETS = {"utf-8": "UTF-8", "iso-8859-15": "ISO-8859-15", "cp1252": "Windows-1252"}
DATES = {"german": "05.2018", "iso": "2018-05", "slash": "05/2018"}
FLAG_WORDS = {"digits": ("1", "0"), "words": ("ja", "nein"), "english": ("true", "false")}
BREAKS = {"space": " ", "keep": "\n", "html": "<br>"}
FORMATS = {"csv": "CSV", "json": "JSON", "xml": "XML"}
PICTURES = ("urls", "zip", "none")
OF_PICTURES = {"urls": ("picture_urls", "first_picture_url"), "zip": ("picture_names",), "none": ()}
"""Facts that say something only with pictures of that kind."""


@dataclass(frozen=True)
class ProfileColumn:
    """A fact, or else a text: fixed, or with names of facts in braces."""

    label: str
    fact: str = ""
    text: str = ""


@dataclass(frozen=True)
class Profile:
    """How a file looks. `separator` to `flags` concern formats that have them."""

    columns: tuple[ProfileColumn, ...]
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
        """Raises Unusable for what is no usable definition."""
        known = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
        try:
            columns = tuple(ProfileColumn(**dict(column)) for column in known.pop("columns", ()))
            kinds = tuple(known.pop("kinds", ()))
            profile = cls(columns=columns, kinds=kinds, **known)
        except TypeError as error:
            raise Unusable(say("Die Definition des Exports ist nicht lesbar.")) from error
        if found := profile.problems():
            raise Unusable(next(iter(found.values())))
        return profile

    def problems(self) -> dict[str, Wording]:
        """What is wrong with a definition, by the name of the setting; columns as `columns-3`."""
        found = self._choice_problems() | self._number_problems()
        if not self.columns:
            found["columns"] = say("Bitte wählen Sie mindestens eine Spalte.")
        if len(self.columns) > MOST_COLUMNS:
            found["columns"] = say("Höchstens {most} Spalten sind möglich.", most=MOST_COLUMNS)
        seen: set[str] = set()
        for place, column in enumerate(self.columns):
            if reason := self._column_problem(column, seen):
                found[f"columns-{place}"] = say("Spalte {number}: {reason}", number=place + 1, reason=reason)
            seen.add(column.label)
        return found

    def _choice_problems(self) -> dict[str, Wording]:
        possible: dict[str, Collection[str]] = {
            "format": FORMATS,
            "separator": SEPARATORS,
            "charset": CHARSETS,
            "dates": DATES,
            "flags": FLAG_WORDS,
            "breaks": BREAKS,
            "pictures": PICTURES,
        }
        found: dict[str, Wording] = {
            name: say("Bitte eine der Möglichkeiten wählen.")
            for name, values in possible.items()
            if getattr(self, name) not in values
        }
        if not set(self.kinds) <= set(Kind):
            found["kinds"] = say("Bitte wählen.")
        return found

    def _number_problems(self) -> dict[str, Wording]:
        found: dict[str, Wording] = {}
        for name in ("price_from", "price_to"):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, int) and 0 <= value <= 9_999_999):
                found[name] = say("Bitte einen Betrag von 0 bis 9.999.999 € angeben.")
        low, high = self.price_from, self.price_to
        if not found and low is not None and high is not None and low > high:
            found["price_to"] = say("Der höchste Preis ist kleiner als der niedrigste.")
        if not isinstance(self.longest_text, int) or not 100 <= self.longest_text <= LONGEST_DESCRIPTION:
            found["longest_text"] = say("Bitte eine Länge von 100 bis 20.000 Zeichen angeben.")
        return found

    def _column_problem(self, column: ProfileColumn, seen: set[str]) -> Wording:
        label = column.label
        if not label or label != label.strip() or len(label) > LONGEST_LABEL:
            return say(
                "Bitte eine Überschrift von höchstens {longest} Zeichen angeben.",
                longest=LONGEST_LABEL,
            )
        if not is_one_line(label):
            return say("Zeilenumbrüche und Steuerzeichen sind in einer Überschrift nicht möglich.")
        if label in seen:
            return say("Die Überschrift „{label}“ steht schon bei einer anderen Spalte.", label=label)
        if self.charset in CHARSETS and not encodable(label, self.charset):
            return say(
                "Die Überschrift „{label}“ lässt sich in {charset} nicht schreiben.",
                label=label,
                charset=CHARSETS[self.charset],
            )
        if column.fact and column.fact not in BY_NAME:
            return say("Das Feld „{name}“ gibt es nicht.", name=column.fact)
        return template_problem(column.text)


# Ready-made sets of columns for tables that people and small marketplaces read.


USUAL = (
    "number",
    "vin",
    "kind",
    "vehicle_class",
    "body",
    "make",
    "model",
    "model_description",
    "first_registration",
    "mileage",
    "power",
    "displacement",
    "fuel",
    "gearbox",
    "doors",
    "seats",
    "colour",
    "inspection_due",
    "previous_owners",
    "damaged",
    "accident",
    "price",
    "taxation",
    "emission_class",
    "consumption_fuel",
    "consumption_power",
    "co2",
    "co2_class",
    "electric_range",
    "equipment",
    "description",
)
INTERNAL = frozenset({"dealer_price"})
"""Not for the public: only where a dealer chooses it."""


def labelled_columns(names: tuple[str, ...], pictures: str) -> tuple[ProfileColumn, ...]:
    """With German labels; pictures in the form in which they come along."""
    extra = OF_PICTURES[pictures][:1]
    return tuple(ProfileColumn(str(BY_NAME[name].label), fact=name) for name in (*names, *extra))


def every_column(pictures: str) -> tuple[ProfileColumn, ...]:
    of_pictures = {name for names in OF_PICTURES.values() for name in names}
    names = tuple(fact.name for fact in FACTS if fact.name not in of_pictures | INTERNAL)
    return labelled_columns(names, pictures)


def named_columns() -> tuple[ProfileColumn, ...]:
    """Everything under the names of the facts, for programs; pictures as addresses."""
    return tuple(
        ProfileColumn(fact.name, fact=fact.name)
        for fact in FACTS
        if fact.name not in {*INTERNAL, *OF_PICTURES["zip"], "first_picture_url"}
    )
