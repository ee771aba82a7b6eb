"""What a vehicle's title says of its model: which of a platform's models it names, which it may mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches

from portal.platforms.common.matching import ListedName, ReferenceNames, plain, series, tight
from portal.vehicle_facts.data import VehicleData

MOST_SUGGESTED = 40
LONGEST_SPELLING = 400
"""Characters."""
SHORTEST_ALIKE = 4
ALIKE = 0.8
"""How much of two names must be the same for one to be taken for a slip of the other."""
Named = list[ListedName]


def told_title(vehicle: VehicleData) -> str:
    return title_of(vehicle.model_description, vehicle.description)


def title_of(model_description: str, description: str) -> str:
    """What a dealer calls a vehicle: further down, a description may speak of other models."""
    return model_description or description.partition("\n")[0][:200]


def is_group(label: str) -> bool:
    """Whether it is a range of models: `3er`, `2 Reihe`, `C-Klasse`."""
    return series(label) != tight(label)


def is_nameless(label: str) -> bool:
    """Whether the dealer's system had no name for the model: `Andere`, `Sonstige`."""
    return tight(label) in _NAMELESS


_NAMELESS = frozenset(("andere", "anderes", "sonstige", "sonstiges", "other", "others", "weitere"))


def model_of_group(models: ReferenceNames, label: str, told: str) -> str | None:
    """The one model of a group (`2 Reihe`, `3er`, `Grand`) that a title names (`Peugeot 207 CC`).

    None where it names none, or two. A number that may be a year, a tyre, a power or a mileage names nothing.
    """
    named = [one for one in _named(models, told, by_number=series(label).isdigit()) if _within(one, label)]
    return _only(named)


def model_of_make(models: ReferenceNames, make_names: Iterable[str], told: str) -> str | None:
    """The one model of a make that a title begins with, after the make or without it: `VW Golf 4`.

    None where it begins otherwise, or where another model could be meant as well (`Golf 5 Plus`).
    """
    words = _words(told)
    heads = sorted({tuple(plain(name).split()) for name in make_names if name}, key=len, reverse=True)
    start = next((len(head) for head in heads if tuple(words[: len(head)]) == head), 0)
    candidates = [one for one in _loosely_named(models, told) if not is_nameless(one.name)]
    found = _only(candidates)
    begins = {"".join(words[start : start + count]) for count in (1, 2, 3)}
    begins.update(_versions(words[start : start + 1]))
    return found if any(one.key == found and one.tight in begins for one in candidates) else None


def suggested_models(models: ReferenceNames, label: str, vehicle: VehicleData) -> tuple[tuple[str, str], ...]:
    """What the vehicle may be where nothing is clear, the likeliest first: models that its title names or
    nearly names, those that its description names, and the other models of its group."""
    title = told_title(vehicle)
    members = members_of(models, label)
    # In a group the rest of the name is enough: `C-Klasse`, `180 C`.
    words, rests = set(_words(title)), [(one, set(one.words) - {series(label)}) for one in members]
    likely = [one for one, rest in rests if rest and rest <= words]
    clear = _longest(_named(models, title, by_number=True))
    named = [*_longest(_loosely_named(models, title)), *clear]
    named = named or _alike(models, title if members else f"{label} {title}")
    further = _longest(_named(models, vehicle.description[:2000], by_number=True))
    found = (*likely, *members) if likely else (*named, *further, *members)
    usable = (one for one in found if not is_nameless(one.name) and not (members and is_group(one.name)))
    return tuple({one.key: one.name for one in usable}.items())[:MOST_SUGGESTED]


def likely_option(options: Sequence[tuple[str, str]], title: str) -> str:
    """The key of the one option that the title names, or of the only one; empty where there is none."""
    words = set(_words(title))
    named = [key for key, name in options if set(plain(name).split()) <= words]
    clear = named if len(named) == 1 else [key for key, _ in options]
    return clear[0] if len(clear) == 1 else ""


def spelling_words(model: str, title: str) -> str:
    """What tells, beside make and model as they are written, which model is meant: nothing where the model
    has a name, and the words of the title where it is a group or has none."""
    if not (is_group(model) or is_nameless(model)):
        return ""
    return " ".join(_words(title))[:LONGEST_SPELLING]


def members_of(models: ReferenceNames, label: str) -> Named:
    """The models of a group that a platform lists: with a number, where it has such. No CLK is a C-Klasse."""
    if not is_group(label):
        return []
    members, head = [one for one in models.names if _within(one, label)], series(label)
    return [one for one in members if one.tight[len(head) :][:1].isdigit()] or members


def _within(one: ListedName, label: str) -> bool:
    head = series(label)
    return bool(head) and one.tight != head and one.tight.startswith(head) and not is_group(one.name)


def _named(models: ReferenceNames, told: str, *, by_number: bool) -> Named:
    """Models whose name stands in a text as it is; `by_number`: or a version of it (`318is`, `323f`)."""
    words = _words(told)
    spelled = {"".join(words[at : at + count]) for at in range(len(words)) for count in (1, 2, 3)}
    if by_number:
        spelled.update(_versions(words))
    return [one for one in models.names if one.tight in spelled]


def _loosely_named(models: ReferenceNames, told: str) -> Named:
    """Also those of which only the words stand there: a `Golf 5 Plus` may be a Golf Plus."""
    words = set(_words(told))
    clear = _named(models, told, by_number=True)
    known = {one.key for one in clear}
    return clear + [
        one for one in models.names if one.words and set(one.words) <= words and one.key not in known
    ]


def _alike(models: ReferenceNames, text: str) -> Named:
    by_name = {one.tight: one for one in models.names if len(one.tight) >= SHORTEST_ALIKE}
    words = [word for word in _words(text) if len(word) >= SHORTEST_ALIKE]
    found = (get_close_matches(word, by_name, 2, ALIKE) for word in words)
    return [by_name[name] for names in found for name in names]


def _only(named: Named) -> str | None:
    longest = {one.tight: one.key for one in _longest(named)}
    return next(iter(longest.values())) if len(longest) == 1 else None


def _longest(named: Named) -> Named:
    """Without those that are part of another: `350` of a `GL 350`, `207` of a `207 CC`."""
    return [
        one
        for one in named
        if not any(
            one.tight != other.tight
            and (other.tight.startswith(one.tight) or set(one.words) < set(other.words))
            for other in named
        )
    ]


def _versions(words: list[str]) -> Iterator[str]:
    return filter(None, map(version_of, words))


def version_of(name: str) -> str:
    """The model of which a name is a version; empty where it is none: `320d` → `320`."""
    found = _VERSION.match(name.strip().casefold())
    return found[1] if found else ""


_VERSION = re.compile(r"^(\d{3})[a-z]{1,3}$")
"""`318is`, `323f`: the number is the model."""


def _words(text: str) -> list[str]:
    """Those of a title that may name a model."""
    return plain(_UNLIKE_MODELS.sub(" ", _BETWEEN_WORDS.sub(" ", text.casefold()))).split()


_BETWEEN_WORDS = re.compile(r"[^\w.,/]+|[.,/](?!\d)|(?<!\d)[.,/]")
"""Not the marks between digits, which tell a tyre or litres from a model."""
_UNLIKE_MODELS = re.compile(
    r"\b(?:19|20)\d\d\b|\b\d{2,3} ?(?:ps|kw|km|tkm|tsd|ccm|eur|euro)\b|\b\d{3} ?[/x] ?\d{2,3}\b|\b\d+[.,/]\d+"
)
