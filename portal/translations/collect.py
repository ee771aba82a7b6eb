"""Finds the German texts of code without Flask, for `make messages`.

Two methods of extraction (`babel.cfg`): `sentences` reads modules and takes every text that is
German by its look, an f-string as a pattern with its values in braces; `tables` takes labels,
which may be any word, from the declarations that pages show.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import IO, Any

from portal.delivery.contract import DeliveryStep
from portal.people.accounts import RIGHT_TEXTS
from portal.platforms import APPS
from portal.platforms.common.catalogue import FACTS
from portal.platforms.contract import ExportApp
from portal.platforms.contract.fields import SettingField
from portal.vehicle_facts.equipment import CRITERIA, GROUPS
from portal.vehicles import status, status_line

Found = tuple[int, None, str, list[str]]
"""What Babel expects: line, function, message, comments."""

GERMAN = re.compile(
    r"[äöüÄÖÜß]|\b(?:der|die|das|den|dem|des|ein|eine|einen|ist|sind|hat|nicht|kein|keine|keinen|und|oder|"
    r"mit|ohne|von|vom|für|zu|zum|zur|im|bei|nach|auf|aus|fehlt|wird|werden|Bitte|Sie|Ihr|Ihre|steht|noch|"
    r"nur|nennt|gibt|sobald|bis|wurde|wurden|kann|können|Alle|alle|Keine|Kein|Eine|Ein|Der|Das|Diese|Dieses|meldet)\b"
)
NOT_SHOWN = re.compile(
    r"\bSELECT\b|^jsonb_|^Lynk und Co$|^ und $|\|nur lese\|"  # SQL, names to compare, patterns
    r"|^(?:HTML, Aufzählungen|Monat 00:)"  # notes on CSV columns
    r"|^(?:bei Elektrofahrzeugen|1 Klimaanlage;|die Art ist offen)"  # notes on CSV columns
    r"|^(?:keine angabe|nicht bekannt)$"  # how cells say nothing
    r"|^(?:im Kaufpreis enthalten|zur Miete|Batterie nicht enthalten|nicht enthalten)$"  # wire values
    r"|^Angebot für |^Transporter bis|Referenzliste"  # part of what is sent, wire values, log
    r"|^Bilder heißen <|^Guten Tag,\n\nim Anhang|^CO₂-Klasse bei entladener Batterie: "  # what is sent
)
PATTERNS = (
    "Diese interne Nummer steht schon in Zeile {line}.",
    "{label}: {old} → {new}",
    *("{seconds} Sekunden", "{minutes} Minuten", "1 Spalte", "{columns} Spalten", "Spalte {number}"),
    *("Nr. {number}", "Fahrgestellnummer {number}", "Kundennummer {number}"),
    *("Der Empfänger", "Die Börse"),
    "in der Datei vom {day} um {time} {result}",
    "{action}, am {day} um {time}",
    "mobile.de hat unverständlich geantwortet ({status})",
    "{code} Anmeldung abgelehnt",
    *("Zeitüberschreitung", "Unlesbare Antwort", "Verbindung abgebrochen"),
    *(f"{{action}} {result}" for result in status_line.RESULT_WORDS.values()),
)
"""Texts that `sentences` does not see: put together in SQL or of two parts, or not German by their look."""


def sentences(fileobj: IO[bytes], _keywords: Any, _tags: Any, options: Any) -> Iterator[Found]:  # noqa: ARG001
    tree = ast.parse(fileobj.read())
    inner = set(_not_texts(tree))
    for node in ast.walk(tree):
        text = "" if node in inner else _spell(node)
        if " " in text and GERMAN.search(text) and not NOT_SHOWN.search(text):
            yield getattr(node, "lineno", 1), None, text, []


def _not_texts(tree: ast.AST) -> Iterator[ast.AST]:
    """Docstrings, and what is part of an f-string."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            yield node.value
        if isinstance(node, ast.JoinedStr):
            yield from (part for part in ast.walk(node) if part is not node)


def _spell(node: ast.AST) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if not isinstance(node, ast.JoinedStr):
        return ""
    return "".join(_part(part, number) for number, part in enumerate(node.values))


def _part(part: ast.expr, number: int) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    value = part.value if isinstance(part, ast.FormattedValue) else part
    return f"{{{value.id if isinstance(value, ast.Name) else f'value{number}'}}}"


def tables(_fileobj: IO[bytes], _keywords: Any, _tags: Any, options: Any) -> Iterator[Found]:  # noqa: ARG001
    """Abbreviations in capitals ("ABS") are the same in every language."""
    for text in dict.fromkeys(_declared()):
        if any(char.islower() for char in text):
            yield 1, None, text, []


def _declared() -> Iterator[str]:
    yield from PATTERNS
    yield from (
        "ja",
        "nein",
        *status_line.ACTION_WORDS.values(),
        *status_line.RESULT_WORDS.values(),
        *status_line.NOTHING_NEXT.values(),
    )
    yield from (*status.RESULTS_IN_FILE.values(), "nicht enthalten", *map(str, DeliveryStep))
    yield from GROUPS
    yield from (criterion.label for criterion in CRITERIA)
    for fact in FACTS:
        yield from (fact.label, fact.group)
    for right in RIGHT_TEXTS:
        yield from (right.label, right.help)
    for app in APPS.values():
        yield from _of_app(app)


def _of_app(app: ExportApp) -> Iterator[str]:
    yield from (app.name, app.summary, app.rhythm, app.cost_notice, *app.sends, *app.needs)
    yield from (booking.label for booking in app.bookings)
    yield from app.labels.values()
    for setting in app.fields:
        yield from _of_setting(setting)


def _of_setting(setting: SettingField) -> Iterator[str]:
    yield from (setting.label, setting.help, setting.change_warning, setting.pattern_text)
    for option in setting.options:
        yield from (option.label, option.example)
