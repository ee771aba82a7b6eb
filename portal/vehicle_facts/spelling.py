"""Values by the spellings that platforms, dealer systems and people use for them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from portal.vehicle_facts.numbers import shown
from portal.vehicle_facts.understanding import NotUnderstood

_SPECIAL = str.maketrans({"ß": "ss", "ä": "ae", "ö": "oe", "ü": "ue", "&": "und", "+": "plus", "₂": "2"})
_REDUNDANT = re.compile(r"[^a-z0-9]+")


@lru_cache(maxsize=8192)
def folded(text: str) -> str:
    """By what spellings are the same: case, umlauts, accents, blanks and signs do not count."""
    spread = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", text).casefold().translate(_SPECIAL))
    return _REDUNDANT.sub("", spread)


class Vocabulary:
    """The values of one fact and how each is spelled; the first spelling is the one of people.

    `beside` is what may be said along with a value and is none of it.
    """

    def __init__(self, spellings: Mapping[str, Iterable[str]], beside: re.Pattern[str] | None = None) -> None:
        self._beside = beside
        self._labels = {value: tuple(names) for value, names in spellings.items()}
        self._values: dict[str, str] = {}
        for value, names in self._labels.items():
            for name in (value, *names):
                known = self._values.setdefault(folded(name), value)
                if known != value:
                    raise ValueError(f"{name} is {known} and {value}")

    def __iter__(self) -> Iterator[str]:
        return iter(self._labels)

    def find(self, text: str) -> str | None:
        """The value, None for an unknown spelling."""
        found = self._values.get(folded(text))
        if found is None and self._beside is not None:
            found = self._values.get(folded(self._beside.sub("", text)))
        return found

    def read(self, text: str) -> str:
        """The value. Raises NotUnderstood with the list of what is known."""
        found = self.find(text)
        if found is None:
            raise NotUnderstood("value-unknown", value=shown(text), known=", ".join(self.labels))
        return found

    def label(self, value: str) -> str:
        return self._labels[value][0]

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(names[0] for names in self._labels.values())
