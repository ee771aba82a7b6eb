"""Finds a platform's key for a label as a dealer writes it: spelling, case, umlauts, aliases.

Pure and memoised. A list is (key, label) pairs as the platform offers them; nothing here knows
a key of its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

Pairs = Sequence[tuple[str, str]]
Fold = Callable[[str], str]

_NOT_ALNUM = re.compile(r"[^a-z0-9]+")
_SERIES_WORDS = re.compile(r"\b(reihe|serie|series|klasse|class|modelle|alle|all)\b")
_SERIES_NUMBER = re.compile(r"^(\d)er$")
_SPECIAL = str.maketrans({"ß": "ss", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "&": " und ", "+": " plus "})


@lru_cache(maxsize=8192)
def plain(label: str) -> str:
    """Lower case, without diacritics: `Citroën C-Élysée` → `citroen c elysee`."""
    spread = unicodedata.normalize("NFKD", label.casefold().translate(_SPECIAL))
    return _NOT_ALNUM.sub(" ", "".join(c for c in spread if not unicodedata.combining(c))).strip()


def tight(label: str) -> str:
    """`plain` without spaces: `C Klasse` and `C-Klasse` are the same."""
    return plain(label).replace(" ", "")


def loose(label: str) -> str:
    """Umlauts written out count as umlauts: `Kaefer` and `Käfer`."""
    return tight(label).replace("ae", "a").replace("oe", "o").replace("ue", "u")


def series(label: str) -> str:
    """Without the words for a series: `3ER`, `3er Reihe` and `3 Series` are the same."""
    bare = _SERIES_WORDS.sub(" ", plain(label)).replace(" ", "")
    return _SERIES_NUMBER.sub(r"\1", bare)


_COLOURS_APART = re.compile(r"[/,;+&(]|\b(?:mit|und|with|and|(?:kontrast)?dach)\b")
"""The first of them is that of the body: `Weiß mit schwarzem Dach`."""
_FINISHES = re.compile(r"(?:metallic|metallik|perleffekt|effekt|uni|matt)\Z")
_INFLECTED = re.compile(r"e[mnrs]?\Z")


def colour_in(label: str, words: Sequence[tuple[str, str]]) -> str | None:
    """The value of the word that names the colour of a label: `Dunkelblau metallic` is blue, `Schwarzbraun`
    brown, `Protonblau` not red. `words` in the spelling of `plain`."""
    values = dict(words)
    for part in _COLOURS_APART.split(label.casefold()):
        tokens = plain(part).split()
        found = [value for token in tokens if (value := _colour_of(token, values))]
        if found:
            is_pair = all(token in values for token in tokens)
            return found[0] if is_pair else found[-1]
    return None


def _colour_of(token: str, values: Mapping[str, str]) -> str | None:
    """In a German compound the last word counts; at its beginning only if there is none at the end."""
    bare = _FINISHES.sub("", token) or token
    for text in (bare, _INFLECTED.sub("", bare)):
        for fits in (text.endswith, text.startswith):
            if found := max(filter(fits, values), key=len, default=None):
                return values[found]
    return None


FOLDS: tuple[Fold, ...] = (tight, loose, series)


class NameAliases:
    """Names that mean the same, in groups."""

    def __init__(self, groups: Iterable[Sequence[str]]) -> None:
        self._groups: dict[str, tuple[str, ...]] = {}
        for group in groups:
            for name in group:
                self._groups[tight(name)] = tuple(group)

    def of(self, label: str) -> tuple[str, ...]:
        """The other names of a label, in the order of their group."""
        return self._groups.get(tight(label), ())


NO_ALIASES = NameAliases(())


@dataclass(frozen=True)
class ListedName:
    """An entry as texts may spell it."""

    key: str
    name: str
    tight: str
    words: tuple[str, ...]


LABELS_REMEMBERED = 10_000
"""Of one list: a process serves ten thousand dealers, and each spells for itself."""


class ReferenceNames:
    """One reference list, searched by label. `reference_names` makes it."""

    def __init__(self, pairs: Pairs, aliases: NameAliases = NO_ALIASES) -> None:
        self.pairs = tuple(pairs)
        self._labels = dict(self.pairs)
        self._aliases = aliases
        self._by_label = _first((label, key) for key, label in self.pairs)
        self._folded = tuple((fold, self._index(fold)) for fold in FOLDS)
        self._memo: dict[str, str | None] = {}

    @cached_property
    def names(self) -> tuple[ListedName, ...]:
        return tuple(
            ListedName(key, name, tight(name), tuple(plain(name).split())) for key, name in self.pairs
        )

    def __bool__(self) -> bool:
        return bool(self.pairs)

    def __contains__(self, key: str) -> bool:
        return key in self._labels

    def label(self, key: str) -> str:
        return self._labels.get(key) or key

    def key(self, label: str) -> str | None:
        """The platform's key for a label or a key in any spelling; None when nothing fits."""
        if label not in self._memo:
            if len(self._memo) >= LABELS_REMEMBERED:
                self._memo.clear()
            self._memo[label] = self._find(label)
        return self._memo[label]

    def key_by_beginning(self, label: str) -> str | None:
        """The key whose name begins the label, the longest first: `Golf VII Variant` → `Golf`."""
        words = plain(label).split()
        for count in range(len(words) - 1, 0, -1):
            beginning = "".join(words[:count])
            if len(beginning) > 1 and (found := self.key(beginning)):
                return found
        return None

    def _index(self, fold: Fold) -> dict[str, str]:
        """Keys win over labels: a list may show one entry's key as another's label."""
        by_key = _first((fold(key), key) for key, _ in self.pairs)
        by_label = _first((fold(label), key) for key, label in self.pairs)
        return by_label | by_key

    def _find(self, label: str) -> str | None:
        names = (label, *self._aliases.of(label))
        for name in names:
            if name in self._labels:
                return name
            if name in self._by_label:
                return self._by_label[name]
        return self._find_folded(names)

    def _find_folded(self, names: Sequence[str]) -> str | None:
        for fold, index in self._folded:
            for name in names:
                folded = fold(name)
                if folded and folded in index:
                    return index[folded]
        return None


@lru_cache(maxsize=1_000)
def reference_names(pairs: tuple[tuple[str, str], ...], aliases: NameAliases = NO_ALIASES) -> ReferenceNames:
    """The list as it is searched, made once in a process for the same pairs: to sort it by every spelling
    takes longer than to look up the few labels of a vehicle."""
    return ReferenceNames(pairs, aliases)


def _first(items: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, key in items:
        if name:
            found.setdefault(name, key)
    return found
