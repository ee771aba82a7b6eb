"""Messages: a German sentence and its values, which become words where they are read.

The sentence is the code: gettext's msgid, with named values in braces ("{label} fehlt."). `say` makes a
message, and Babel finds its text by that name; `N_` marks a label, which has no values and stays a string
until a page asks the catalogue for it. What somebody else wrote (a platform, a dealer, a server) is a plain
string: no catalogue is ever asked for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

PLACEHOLDER = re.compile(r"\{(\w+)\}")


def N_(text: str) -> str:
    """Mark a German label for the catalogue (gettext's own name); it is looked up where it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence of ours with its values; equal where both are. `str()` is German, for logs and tests.

    `plural` is the sentence for any `count` but one; empty where nothing is counted.
    """

    text: str
    values: tuple[tuple[str, Any], ...] = ()
    plural: str = ""

    def __str__(self) -> str:
        return self.spoken(lambda text, plural, count: plural if plural and count != 1 else text, str)

    def __format__(self, spec: str) -> str:
        """No f-string swallows a message: what is put together of messages is one itself."""
        raise TypeError(f"a message is no part of another text: {self.text}")

    @property
    def names(self) -> frozenset[str]:
        """Of the values that the sentence has places for."""
        return frozenset(PLACEHOLDER.findall(self.text + self.plural))

    def spoken(self, translate: Callable[[str, str, int], str], format_value: Callable[[Any], str]) -> str:
        """`translate` has text, plural and count; `format_value` turns a value into words."""
        given = dict(self.values)
        sentence = translate(self.text, self.plural, given.get("count", 1) if self.plural else 1)
        if not given:
            return sentence
        return PLACEHOLDER.sub(
            lambda found: format_value(given[found[1]]) if found[1] in given else found[0], sentence
        )

    def filled(self, **values: Any) -> Message:
        """The sentence of a table with its values: of those that are given, the ones that it names."""
        named = self.names
        return Message(
            self.text, tuple((name, value) for name, value in values.items() if name in named), self.plural
        )

    def as_json(self) -> dict[str, Any]:
        """As a JSON column keeps it; `wording_from_json` reads it."""
        found: dict[str, Any] = {"text": self.text}
        if self.values:
            found["values"] = {name: _value_as_json(value) for name, value in self.values}
        if self.plural:
            found["plural"] = self.plural
        return found


Wording = Message | str
"""A message of ours, or somebody else's words (also what an earlier version stored): never translated."""


def say(text: str, /, **values: Any) -> Message:
    """A message. Values are other messages, numbers, days, moments, tuples of them, or data as it is."""
    return Message(text, tuple(values.items()))


def say_count(text: str, plural: str, /, count: int, **values: Any) -> Message:
    """A message about `count` things: `text` for one of them, `plural` for another number."""
    return Message(text, (("count", count), *values.items()), plural)


def sentences(*parts: Wording) -> Wording:
    """Those that say something, one after the other."""
    return listed((part for part in parts if part != ""), " ")


def listed(items: Iterable[Wording], between: str = ", ") -> Wording:
    """Several wordings in one, with the same between them in every language."""
    parts = tuple(items)
    if all(isinstance(part, str) for part in parts):
        return between.join(map(str, parts))
    names = [f"part{place}" for place, _ in enumerate(parts)]
    text = between.join(f"{{{name}}}" for name in names)
    return parts[0] if len(parts) == 1 else Message(text, tuple(zip(names, parts, strict=True)))


def as_json(wording: Wording) -> Any:
    return wording.as_json() if isinstance(wording, Message) else wording


def from_json(stored: Any) -> Wording:
    """What `as_json` made; a string is somebody's words, whatever they say."""
    if not isinstance(stored, Mapping):
        return "" if stored is None else str(stored)
    values = stored.get("values") or {}
    return Message(
        str(stored.get("text", "")),
        tuple((str(name), _value_from_json(value)) for name, value in values.items()),
        str(stored.get("plural", "")),
    )


def _value_as_json(value: Any) -> Any:
    if isinstance(value, Message):
        return value.as_json()
    if isinstance(value, tuple | list):
        return [_value_as_json(one) for one in value]
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return value if isinstance(value, int) else str(value)


def _value_from_json(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_value_from_json(one) for one in value)
    if isinstance(value, Mapping) and "moment" in value:
        return datetime.fromisoformat(value["moment"])
    if isinstance(value, Mapping) and "day" in value:
        return date.fromisoformat(value["day"])
    return from_json(value) if isinstance(value, Mapping) else value
