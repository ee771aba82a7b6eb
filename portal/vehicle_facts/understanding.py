"""Why something that was written is no fact: a code and its values, said in a sentence late."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.messages import Message, say

SENTENCES: Mapping[str, Message] = {
    "number-unreadable": say("Das ist keine Zahl."),
    "number-with-words": say("„{value}“ sagt mehr als eine Zahl. Angenommen wird nur die Zahl allein."),
    "price-net": say("„{value}“ ist ein Nettopreis. Angenommen werden nur Preise mit MwSt."),
    "number-ambiguous": say(
        "„{value}“ ist nicht eindeutig: {grouped} oder {decimal}? "
        "Bitte schreiben Sie die Zahl ohne Tausendertrennzeichen."
    ),
    "number-is-a-flag": say("Ja und Nein (true, false) sind keine Zahl."),
    "number-not-whole": say("Das ist keine ganze Zahl."),
    "number-too-precise": say("Höchstens {places} Stellen nach dem Komma."),
    "number-rounded": say("Übernommen ist {value}."),
    "number-too-small": say("Der Wert ist zu klein, möglich ist er ab {limit}."),
    "number-too-large": say("Der Wert ist zu groß, möglich ist er bis {limit}."),
    "currency-foreign": say("„{value}“ ist kein Betrag in Euro. Preise werden nur in EUR angenommen."),
    "amount-implausible": say(
        "{value} € ist ungewöhnlich wenig. Vielleicht sind Tausender verloren gegangen: "
        "Bitte prüfen und bestätigen Sie den Betrag."
    ),
    "month-unreadable": say("Das ist kein Datum der Form mm.jjjj."),
    "month-impossible": say("Unmögliches Datum: Einen Monat {month} gibt es nicht."),
    "day-impossible": say("Unmögliches Datum: Diesen Tag gibt es nicht."),
    "month-unknown": say("Der Monat ist nicht angegeben, nur das Jahr {year}."),
    "flag-unreadable": say("Das heißt weder Ja noch Nein."),
    "value-unknown": say("„{value}“ ist nicht bekannt. Bekannt sind: {known}."),
    "category-unknown": say(
        "Diese Kategorie ist nicht bekannt. Bitte wählen Sie am Fahrzeug die Fahrzeugklasse."
    ),
    "price-zero": say("Der Preis ist 0."),
    "price-missing": say("Der Preis fehlt."),
    "offer-number-long": say("Die interne Nummer hat mehr als 40 Zeichen."),
    "offer-number-characters": say(
        "In der internen Nummer sind nur Buchstaben ohne Umlaute, Ziffern, - und _ erlaubt."
    ),
    "spreadsheet-error": say("„{value}“ ist ein Fehler der Tabellenkalkulation und keine Angabe."),
    "list-long": say("Das sind mehr als {most} Angaben."),
    "currency-not-euro": say("Preise werden nur in EUR angenommen."),
    "codes-only": say("Möglich sind nur: {known}."),
    "vin-impossible": say(
        "„{value}“ kann keine Fahrgestellnummer sein: Sie hat 17 Zeichen, nur vor 1981 auch "
        "weniger. Ist sie unbekannt, lassen Sie das Feld leer."
    ),
    "vin-lookalike": say(
        "„{value}“ enthält {letters}. In einer Fahrgestellnummer kommen I, O und Q nicht vor; "
        "gemeint ist vielleicht 1 oder 0. Ist sie unbekannt, lassen Sie das Feld leer."
    ),
}


class NotUnderstood(ValueError):
    """What was written cannot be this fact. `code` is one of SENTENCES, `values` fill its sentence."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.values = {name: _shown(value) for name, value in values.items()}

    @property
    def text(self) -> Message:
        return SENTENCES[self.code].filled(**self.values)

    def __str__(self) -> str:
        return str(self.text)


class Rounded(NotUnderstood):
    """More decimals than the fact has, which lose nothing that counts: read again, `instead` is taken."""

    def __init__(self, instead: str) -> None:
        super().__init__("number-rounded", value=instead.replace(".", ","))
        self.instead = instead


def _shown(value: Any) -> Any:
    """What was written may hold anything; what is said of it holds no control characters."""
    if not isinstance(value, str) or value.isprintable():
        return value
    return " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())


NOTHING = frozenset(
    {
        *("-", "--", "---", "–", "—", "/", "?", ".", "k.a.", "k. a.", "ka", "k.a", "keine angabe"),
        *("keine", "n/a", "n.a.", "unbekannt", "nicht bekannt", "null", "nil", "nan", "none", "leer"),
        *("k.a./k.a.", "n. v.", "n.v.", "undefined", "#n/a", "#nv"),
    }
)
"""How systems and people write that they state nothing."""


SPREADSHEET_ERRORS = frozenset(
    {
        *("#ref!", "#bezug!", "#value!", "#wert!", "#name?", "#div/0!", "#num!", "#zahl!", "#null!"),
        *("#spill!", "#überlauf!", "#calc!", "#kalk!", "#field!", "#feld!", "#getting_data"),
    }
)
"""How Excel writes in a cell that it could not calculate it. `#NV` is what formulas return for nothing."""


def demand_statement(text: str) -> None:
    """Raises NotUnderstood for what a spreadsheet wrote in the place of a text."""
    if text[:1] == "#" and (text.casefold() in SPREADSHEET_ERRORS or not text.strip("#")):
        raise NotUnderstood("spreadsheet-error", value=text[:60])


def states_nothing(text: str) -> bool:
    return text.strip().casefold() in NOTHING


def names_nothing(text: str) -> bool:
    """The same of a text: `Ka` is a model of Ford, `0` what a system writes that has no empty cells."""
    bare = text.strip().casefold()
    return bare == "0" or (bare != "ka" and bare in NOTHING)
