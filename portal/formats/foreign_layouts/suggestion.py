"""What the columns of a table mean, probably: by their names, else by what stands in them.

A suggestion is never taken by itself: a person confirms it. Each fact is suggested for one column, the one
whose name says it, or whose cells say it most clearly.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from portal.formats.foreign_layouts.layout import Layout
from portal.formats.foreign_layouts.survey import Survey, SurveyedColumn
from portal.formats.foreign_layouts.synonyms import KNOWN_MAKES, meaning_of
from portal.formats.foreign_layouts.targets import ColumnMeaning, is_readable, targets
from portal.vehicle_facts.numbers import Convention, readings
from portal.vehicle_facts.spelling import folded
from portal.vehicle_facts.understanding import states_nothing
from portal.vehicle_facts.vin import is_vin, normalised
from portal.vehicle_facts.vocabularies import NO, YES, base_colour

MOST = 0.8
"""Of the different spellings of a column that must be of a kind."""
_BY_WORDS = ("fuel", "gearbox", "drive", "kind", "body_type", "prices.taxation")
_FITTING = frozenset((*_BY_WORDS, "hybrid", "vehicle_class", "emission_class", "emission_sticker", "vin"))
"""Facts whose column is doubted where none of its spellings is one of theirs."""


class Ground(StrEnum):
    """Why something is suggested."""

    NAME = "name"
    VALUES = "values"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Suggestion:
    target: str = ""
    ground: Ground = Ground.NOTHING


def suggest(survey: Survey) -> Mapping[str, Suggestion]:
    """By the name of the column, for each one."""
    found: dict[str, Suggestion] = {}
    taken: set[str] = set()
    for ground, guess in ((Ground.NAME, _by_name), (Ground.VALUES, _by_values)):
        for column in survey.columns:
            if column.name in found or (ground is Ground.NAME and not survey.heading.is_header):
                continue
            target = next((one for one in guess(column) if _fact(one) not in taken), None)
            if target:
                taken.add(_fact(target))
                found[column.name] = Suggestion(target, ground)
    return {column.name: found.get(column.name, Suggestion()) for column in survey.columns}


def suggested_layout(survey: Survey) -> Layout:
    columns = {name: one.target for name, one in suggest(survey).items() if one.target}
    return Layout(columns, survey.heading.is_header, suggest_convention(survey))


def suggest_convention(survey: Survey) -> str:
    """How numbers are written, by those that can be read in one way only: `12,990.00`, `4.5`."""
    english = german = 0
    for text in (value for column in survey.columns for value in column.values):
        bare = text.strip("€ EURkm").strip()
        if len(readings(bare)) == 1 and (mark := re.search(r"[.,](?=\d{1,2}\Z)", bare)):
            english, german = english + (mark[0] == "."), german + (mark[0] == ",")
    return "english" if english > german else "german"


def unknown_values(target: ColumnMeaning, column: SurveyedColumn, convention: Convention) -> tuple[str, ...]:
    """Spellings of a column of choices that nobody knows, the most frequent first."""
    if not target.choices:
        return ()
    return tuple(
        text
        for text, _count in column.values.most_common()
        if folded(text) and not states_nothing(text) and not is_readable(target, text, convention)
    )


def _fact(target: str) -> str:
    return targets()[target].fact


def _by_name(column: SurveyedColumn) -> Iterator[str]:
    target = meaning_of(column.name)
    if target is None or target not in targets():
        return
    if (
        target in _FITTING
        and column.values
        and not any(is_readable(targets()[target], one) for one in column.values)
    ):
        return
    yield target


def _by_values(column: SurveyedColumn) -> Iterator[str]:
    if not column.values:
        return
    otherwise = _SAYS_OTHERWISE.search(column.name.casefold())
    for target, fits in _KINDS.items():
        if otherwise and target in ("prices.selling", "mileage"):
            continue
        if sum(map(fits, column.values)) / len(column.values) >= MOST:
            yield target


def _is_flag(text: str) -> bool:
    return folded(text) in YES or folded(text) in NO


def _is_word_of(target: str) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        return any(map(str.isalpha, text)) and not _is_flag(text) and is_readable(targets()[target], text)

    return fits


_SAYS_OTHERWISE = re.compile(
    r"netto|einkauf|streich|purchase|kosten|restwert|anzahlung|monat|händler|nefz|meilen"
    r"|(?<![^\W\d_])(?:net|ek|cost|alt|alter|old|rate|miles?|mi|chf|usd|gbp|dealer)(?![^\W\d_])"
)
"""An amount that is no asking price, a distance that is no mileage: only a person can say what it is for."""
_PRICE = re.compile(r"(?:€|eur)\s*\d[\d.,' ]{2,}(?:,-)?|\d[\d.,' ]{2,}(?:,-)?\s*(?:€|eur|euro)", re.I)
_MILEAGE = re.compile(r"\d[\d.,' ]*\s*km", re.I)
_MONTH = re.compile(
    r"(?:\d{1,2}\.)?(?:0?[1-9]|1[0-2])[./-](?:19|20)\d\d|(?:19|20)\d\d-(?:0[1-9]|1[0-2])(?:-\d\d)?"
)
_POWER = re.compile(r"\d{2,4}\s*kw(?:\s*\(\d+\s*(?:ps|hp)\))?", re.I)
_PS = re.compile(r"\d{2,4}\s*(?:ps|hp)", re.I)
_EURO = re.compile(r"euro?\s*\d[a-z-]*", re.I)

_KINDS: Mapping[str, Callable[[str], bool]] = {
    "vin": lambda text: len(normalised(text)) == 17 and is_vin(normalised(text)),
    "make": lambda text: folded(text) in KNOWN_MAKES,
    "prices.selling": lambda text: bool(_PRICE.fullmatch(text)),
    "mileage": lambda text: bool(_MILEAGE.fullmatch(text)),
    "first_registration": lambda text: bool(_MONTH.fullmatch(text)),
    "power": lambda text: bool(_POWER.fullmatch(text)),
    "power:ps": lambda text: bool(_PS.fullmatch(text)),
    "emission_class": lambda text: bool(_EURO.fullmatch(text)),
    **{target: _is_word_of(target) for target in _BY_WORDS},
    "colour": lambda text: base_colour(text) is not None,
}
"""By what stands in the cells; the first that fits, the clearest first."""


def offers_features(column: SurveyedColumn) -> bool:
    """Whether it says yes or no, and so may be a search criterion."""
    return bool(column.values) and all(map(_is_flag, column.values))
