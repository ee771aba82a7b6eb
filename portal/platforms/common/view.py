"""A vehicle on its way into a file: what all files say of it, and what keeps it out or is odd about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath
from typing import Any

from portal.platforms.common.description import describe
from portal.platforms.common.energy import envkv_line
from portal.platforms.common.labels import german
from portal.platforms.common.numbers import chosen_number, usable_number
from portal.platforms.common.prices import asking_price
from portal.platforms.contract import Account, Feedback, Rules, Subject
from portal.platforms.contract.files import PictureFile, Surroundings


@dataclass(frozen=True)
class Frame:
    """What stays the same for all vehicles of one file. `settings` are complete."""

    platform: str
    """How feedback names it: "Meta", "der Empfänger"."""
    settings: Mapping[str, Any]
    account: Account
    rules: Rules
    surroundings: Surroundings
    longest_text: int = 5000
    """Of a description in this format."""
    in_zip: bool = False
    """Pictures go along in a zip, not as addresses."""

    @property
    def beginning(self) -> str:
        """The platform at the beginning of a sentence; mobile.de stays as it is."""
        named_by_address = "." in self.platform
        return self.platform if named_by_address else self.platform[:1].upper() + self.platform[1:]

    def file_name(self, usual: str) -> str:
        """What the dealer calls the file, with the ending that it has to have."""
        chosen = str(self.settings.get("file_name") or usual)
        ending = PurePath(usual).suffix
        return chosen if chosen.lower().endswith(ending) else f"{chosen}{ending}"


class View:
    """One vehicle; problems and hints are gathered while it is mapped."""

    def __init__(self, frame: Frame, subject: Subject) -> None:
        self.frame = frame
        self.subject = subject
        self.vehicle = subject.vehicle
        self.problems: list[Feedback] = []
        self.hints: list[Feedback] = []
        self.number = self._number()
        self.price, self.price_field = asking_price(subject, frame.rules.platform_prices)
        if self.vehicle.prices.on_request:
            self.price = None

    @property
    def vin(self) -> str:
        return self.vehicle.vin if self.frame.rules.export_vin else ""

    @cached_property
    def description(self) -> str:
        return describe(self, self.frame.longest_text)

    @property
    def envkv(self) -> str:
        return envkv_line(self.vehicle)

    @cached_property
    def picture_urls(self) -> tuple[str, ...]:
        base = self.frame.surroundings.picture_base
        return tuple(f"{base}/{image.sha256}.jpg" for image in self.subject.images)

    @cached_property
    def pictures(self) -> tuple[PictureFile, ...]:
        """Those that go along in a zip: `<number>_<n>.jpg`, counted from 1 in display order."""
        if not self.frame.in_zip:
            return ()
        return tuple(
            PictureFile(image.sha256, f"{self.number}_{place}.jpg", image.bytes)
            for place, image in enumerate(self.subject.images, start=1)
        )

    @property
    def picture_names(self) -> tuple[str, ...]:
        return tuple(picture.name for picture in self.pictures)

    def block(self, code: str, text: str, place: str | None = None) -> None:
        self.problems.append(Feedback(code, text, place))

    def hint(self, code: str, text: str, place: str | None = None) -> None:
        self.hints.append(Feedback(code, text, place))

    def missing(self, place: str) -> None:
        """The platform does not take it without this fact."""
        text = f"{german(place)} fehlt: {self.frame.beginning} verlangt diese Angabe."
        self.block("missing-field", text, place)

    def recommended(self, place: str) -> None:
        text = f"{german(place)} fehlt: {self.frame.beginning} empfiehlt diese Angabe."
        self.hint("missing-field", text, place)

    def _number(self) -> str:
        form = str(self.frame.settings.get("number_format", "offer"))
        chosen = chosen_number(self.vehicle, self.subject.location_code, form)
        if chosen is None:
            text = "Ohne Fahrgestellnummer wird die Angebotsnummer als Fahrzeugnummer übertragen."
            self.hint("number-without-vin", text, "vin")
            chosen = self.vehicle.offer_number
        number = usable_number(chosen)
        if number != chosen:
            text = (
                f"{self.frame.beginning} erlaubt in der Fahrzeugnummer nur A–Z, 0–9, - und _. "
                f"Übertragen wird „{number}“."
            )
            self.hint("number-changed", text, "offer_number")
        return number
