"""A vehicle on its way into a file: what all files say of it, and what keeps it out or is odd about it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import PurePath
from typing import Any

from portal.formats.charset import LOST, clean, encodable, fitted
from portal.messages import Wording, say
from portal.platforms.common import words
from portal.platforms.common.energy import envkv_line, sold_as, subject_to_envkv
from portal.platforms.common.labels import label_of
from portal.platforms.common.offer import asking_price, chosen_number, no_vin_hint, usable_number
from portal.platforms.common.texts import equipment_groups, example_texts, published, shorten
from portal.platforms.contract import Account, Feedback, Rules, Subject
from portal.platforms.contract.files import PictureFile, Surroundings
from portal.vehicle_facts.data import Equipment
from portal.vehicle_facts.identity import vin_of

KW_IN_PS = Decimal("1.35962")


@dataclass(frozen=True)
class FileContext:
    """What stays the same for all vehicles of one file. `settings` are complete."""

    platform: Wording
    """How feedback names it within a sentence: "Meta", "der Empfänger"."""
    settings: Mapping[str, Any]
    account: Account
    rules: Rules
    surroundings: Surroundings
    longest_text: int = 5000
    """Of a description in this format."""
    platform_first: Wording = ""
    """The same at the beginning of a sentence, where that differs: "Der Empfänger"."""
    in_zip: bool = False
    """Pictures go along in a zip, not as addresses."""

    @property
    def beginning(self) -> Wording:
        """The platform at the beginning of a sentence."""
        return self.platform_first or self.platform

    def file_name(self, usual: str) -> str:
        """What the dealer calls the file, with the ending that it has to have."""
        chosen = str(self.settings.get("file_name") or usual)
        ending = PurePath(usual).suffix
        return chosen if chosen.lower().endswith(ending) else f"{chosen}{ending}"


class VehicleView:
    """One vehicle; problems and hints are gathered while it is mapped."""

    def __init__(self, context: FileContext, subject: Subject) -> None:
        self.context = context
        self.subject = subject
        self.vehicle = subject.vehicle
        self.problems: list[Feedback] = []
        self.hints: list[Feedback] = []
        self.number = self._number()
        self.price, self.price_field = asking_price(subject, context.rules.platform_prices)
        if self.vehicle.prices.on_request:
            self.price = None
        if context.rules.export_vin:
            self._add_hint(no_vin_hint(self.vehicle))

    @property
    def vin(self) -> str:
        return vin_of(self.vehicle) if self.context.rules.export_vin else ""

    @cached_property
    def description(self) -> str:
        return describe(self, self.context.longest_text)

    @property
    def body(self) -> str:
        """As the dealer calls it, else in our word."""
        body = self.vehicle.body_type
        return self.vehicle.category_label or (words.BODIES[body] if body else "")

    @property
    def fuel(self) -> str:
        """Our word for what it is sold as."""
        fuel = sold_as(self.vehicle, self.context.rules.mild_hybrid_as)
        return words.FUELS[fuel] if fuel else ""

    @property
    def horsepower(self) -> int | None:
        power = self.vehicle.power
        return None if power is None else int((power * KW_IN_PS).to_integral_value())

    @property
    def envkv(self) -> str:
        return envkv_line(self.vehicle)

    @cached_property
    def picture_urls(self) -> tuple[str, ...]:
        base = self.context.surroundings.picture_base
        return tuple(f"{base}/{image.sha256}.jpg" for image in self.subject.images)

    @cached_property
    def pictures(self) -> tuple[PictureFile, ...]:
        """Those that go along in a zip: `<number>_<n>.jpg`, counted from 1 in display order."""
        if not self.context.in_zip:
            return ()
        return tuple(
            PictureFile(image.sha256, f"{self.number}_{place}.jpg", image.bytes)
            for place, image in enumerate(self.subject.images, start=1)
        )

    @property
    def picture_names(self) -> tuple[str, ...]:
        return tuple(picture.name for picture in self.pictures)

    def block(self, code: str, text: Wording, place: str | None = None) -> None:
        self.problems.append(Feedback(code, text, place))

    def hint(self, code: str, text: Wording, place: str | None = None) -> None:
        self.hints.append(Feedback(code, text, place))

    def missing(self, place: str) -> None:
        """The platform does not take it without this fact."""
        text = say(
            "{label} fehlt: {platform} verlangt diese Angabe.",
            label=label_of(place),
            platform=self.context.beginning,
        )
        self.block("missing-field", text, place)

    def recommended(self, place: str) -> None:
        text = say(
            "{label} fehlt: {platform} empfiehlt diese Angabe.",
            label=label_of(place),
            platform=self.context.beginning,
        )
        self.hint("missing-field", text, place)

    def _number(self) -> str:
        form = str(self.context.settings.get("number_format", "offer"))
        chosen, hint = chosen_number(self.subject, form)
        self._add_hint(hint)
        number = usable_number(chosen)
        if number != chosen:
            text = say(
                "{platform} erlaubt in der Fahrzeugnummer nur A–Z, 0–9, - und _. Übertragen wird „{number}“.",
                platform=self.context.beginning,
                number=number,
            )
            self.hint("number-changed", text, "offer_number")
        return number

    def _add_hint(self, hint: Feedback | None) -> None:
        if hint is not None:
            self.hints.append(hint)


# The description in a file: the dealer's text, equipment, EnVKV values and examples, as plain lines.


GAP = "\n\n"


def describe(view: VehicleView, longest: int, heading: str = "") -> str:
    """Too long: the dealer's text is cut at a word, with a hint; legal wording stays whole.

    `heading` goes in front where the format has no place of its own for the title. The EnVKV values of
    vehicles that must state them are part of it: no format has columns for all of them.
    """
    if LOST in view.vehicle.description:
        text = say("Ein Zeichen der Beschreibung war beim Einlesen nicht lesbar und entfällt.")
        view.hint("characters-lost", text, "description")
    settings = view.context.settings
    start, end = example_texts(view.vehicle, settings, lambda title, facts: "\n".join([title, *facts]))
    label = envkv_line(view.vehicle) if subject_to_envkv(view.vehicle) else ""
    form = str(settings.get("equipment_format", "criteria_only"))
    body = _joined(published(view.vehicle.description), equipment_text(view.vehicle.equipment, form))
    whole = _joined(start, heading, body, label, end)
    if len(whole) <= longest:
        return whole
    text = say(
        "Die Beschreibung ist länger als {longest} Zeichen und wird gekürzt.",
        longest=f"{longest:,}".replace(",", "."),
    )
    view.hint("description-cut", text, "description")
    room = longest - len(_joined(start, heading, "", label, end)) - 2 * len(GAP)
    cut = f"{shorten(body, room - 2)} …" if room > 2 else ""
    return _joined(start, heading, cut, label, end)[:longest]


def equipment_text(values: Equipment, form: str) -> str:
    """In one of the formats of the setting; as search criteria alone it needs no text."""
    if form == "criteria_only":
        return ""
    groups = equipment_groups(values)
    if not groups:
        return ""
    if form == "grouped":
        return GAP.join(f"{heading}\n{', '.join(entries)}" for heading, entries in groups.items())
    everything = [entry for entries in groups.values() for entry in entries]
    if form == "lines":
        return "\n".join(["Ausstattung", *(f"- {entry}" for entry in everything)])
    return f"Ausstattung: {', '.join(everything)}"


def _joined(*parts: str) -> str:
    return GAP.join(part for part in parts if part)


# Cells into the charset of a file; what a reader would notice becomes a hint on the vehicle.


MOST_SHOWN = 12
_BREAKS = re.compile(r" *\n\s*")


def encoded(
    view: VehicleView, cells: Sequence[str], charset: str, *, one_line: bool = False
) -> tuple[str, ...]:
    """`one_line`: for formats that have no line breaks inside a field."""
    whole = "".join(cells)
    fits = encodable(whole, charset)
    if fits and whole.isprintable():
        return tuple(cells)
    lost: dict[str, None] = {}
    found = []
    for cell in cells:
        if fits and cell.isprintable():
            found.append(cell)
            continue
        text = clean(cell)
        text, changed = fitted(_BREAKS.sub(" ", text) if one_line else text, charset)
        found.append(text)
        lost.update(dict.fromkeys(changed))
    if lost:
        shown = " ".join(list(lost)[:MOST_SHOWN]) + (" …" if len(lost) > MOST_SHOWN else "")
        name = charset.upper()
        hint = say(
            "Zeichen, die es in {name} nicht gibt, werden ersetzt oder entfallen: {shown}.",
            name=name,
            shown=shown,
        )
        view.hint("characters-replaced", hint, "description")
    return tuple(found)
