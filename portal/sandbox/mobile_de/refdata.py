"""Reference data: read once from the data files, then served and asked from memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from portal.sandbox.database import SHARED_DATA
from portal.sandbox.mobile_de.accounts import DATA

NOTHING: frozenset[str] = frozenset()
OTHER_MODEL = "OTHER"
"""Every make has it."""


@dataclass(frozen=True)
class Value:
    key: str
    german: str
    english: str

    @classmethod
    def of_model(cls, entry: str | list[str]) -> Value:
        """A name that is its own key, or a pair of key and label."""
        key, label = (entry, entry) if isinstance(entry, str) else entry
        return cls(key, label, label)


class Refdata:
    """Lists by their path below /refdata, such as `classes/Car/makes`."""

    def __init__(self) -> None:
        self._lists = dict(_all_lists())
        self._keys = {path: frozenset(value.key for value in values) for path, values in self._lists.items()}
        self._german = {
            path: {value.key: value.german for value in values} for path, values in self._lists.items()
        }
        self.features: frozenset[str] = self.keys("classes/Car/features")

    def values(self, path: str) -> tuple[Value, ...] | None:
        """None: there is no such list."""
        return self._lists.get(path)

    def keys(self, path: str) -> frozenset[str]:
        return self._keys.get(path, NOTHING)

    def label(self, path: str, key: Any) -> str:
        """The German label; the key itself where the list does not have it."""
        return self._german.get(path, {}).get(key) or str(key)

    def paths(self) -> list[str]:
        return sorted(self._lists)


def _all_lists() -> Iterator[tuple[str, tuple[Value, ...]]]:
    for path, rows in _read(DATA / "lists.json").items():
        yield path, tuple(Value(*row) for row in rows)
    for vehicle_class, file in _read(DATA / "classes.json").items():
        makes, head = _read(SHARED_DATA / file), f"classes/{vehicle_class}/makes"
        yield head, tuple(Value(key, make["label"], make["label"]) for key, make in makes.items())
        for key, make in makes.items():
            models = map(Value.of_model, make["models"])
            yield f"{head}/{key}/models", (*models, Value(OTHER_MODEL, "Andere", "Other"))


def _read(file: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return content


def shown(path: str, values: tuple[Value, ...], base: str, *, german: bool) -> dict[str, Any]:
    """The list as the platform answers it."""
    return {
        "values": [
            {
                "name": value.key,
                "description": value.german if german else value.english,
                "url": f"{base}/refdata/{quote(path)}{_tail(path, value.key)}",
            }
            for value in values
        ]
    }


def shown_as_xml(path: str, values: tuple[Value, ...], base: str, *, german: bool) -> str:
    """The same in the form that the operator's page documents."""
    language = "de" if german else "en"
    items = (
        f"<reference:item key={quoteattr(value['name'])} url={quoteattr(value['url'])}>"
        f'<resource:local-description xml-lang="{language}">{escape(value["description"])}'
        "</resource:local-description></reference:item>"
        for value in shown(path, values, base, german=german)["values"]
    )
    head = " ".join(
        f'xmlns:{name}="http://services.mobile.de/schema/{name}"' for name in ("reference", "resource")
    )
    body = f"<reference:reference {head}>{''.join(items)}</reference:reference>"
    return f'<?xml version="1.0" encoding="UTF-8"?>{body}'


def _tail(path: str, key: str) -> str:
    """Makes lead to their models, classes to their makes; other values are places in their list."""
    name = quote(key, safe="")
    if path.endswith("/makes"):
        return f"/{name}/models"
    return f"/{name}/makes" if path == "classes" else f"#{name}"
