"""What is wrong with a row."""

from __future__ import annotations

from dataclasses import dataclass

TEXTS = {
    "missing": "{column} fehlt.",
    "form": "{column}: „{value}“ hat nicht die verlangte Form.",
    "too-long": "{column} ist zu lang.",
    "repeated": "{column}: „{value}“ steht mehrmals in der Datei. Keine dieser Zeilen wird gezeigt.",
    "link": "{column} enthält einen Link.",
    "capitals": "{column} besteht nur aus Großbuchstaben.",
    "class-missing": "{column}: Es fehlt {value}.",
    "unreachable": "{column}: {value} ist nicht abrufbar.",
    "no-picture": "{column}: {value} ist kein Bild.",
    "picture-heavy": "{column}: Das Bild ist zu groß ({value} Bytes).",
    "picture-small": "{column}: Das Bild ist zu klein ({value}).",
    "picture-large": "{column}: Das Bild ist größer als empfohlen ({value}).",
    "not-on-page": "{column}: „{value}“ steht nicht auf der Seite des Fahrzeugs.",
}
HINTS = frozenset({"picture-large"})
"""The vehicle is shown all the same."""


@dataclass(frozen=True)
class Finding:
    code: str
    column: str
    value: str = ""

    @property
    def rejects(self) -> bool:
        return self.code not in HINTS

    @property
    def text(self) -> str:
        return TEXTS[self.code].format(column=self.column, value=self.value)
