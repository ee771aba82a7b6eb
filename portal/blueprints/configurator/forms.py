"""The configurator's form: what stands in it, what is wrong with it, and the buttons beside the columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from portal.blueprints.vehicles.parsing import parse_number
from portal.models import Activation, Location
from portal.platforms.common.catalogue import BY_NAME
from portal.platforms.common.profile import (
    LONGEST_LABEL,
    LONGEST_TEMPLATE,
    MOST_COLUMNS,
    Profile,
    ProfileColumn,
)
from portal.platforms.common.settings import SEPARATORS
from portal.platforms.configurator.settings import NAME_LENGTH, START
from portal.vehicle_facts.data import Kind
from portal.vehicle_facts.quantities import VEHICLE_PRICE
from portal.web.targets import chosen_location
from portal.web.wording import translated

SLUG = "configurator"
Form = MultiDict[str, str]
CHOICES = ("format", "charset", "dates", "flags", "breaks", "pictures")
WHOLE_EUROS = replace(VEHICLE_PRICE, places=0, most=Decimal(9_999_999), asked_below=None)
TEXT_COLUMN = "text"
"""What is chosen to add a column with a text of one's own."""


@dataclass(frozen=True)
class Editing:
    """`errors` by the name of the input; a column's is `columns-3`."""

    name: str = ""
    location_id: UUID | None = None
    profile: Profile = START
    numbers: Mapping[str, str] = field(default_factory=dict)
    """Numbers as they were written, where they are none."""
    errors: Mapping[str, str] = field(default_factory=dict)

    def number(self, name: str) -> str:
        value = getattr(self.profile, name)
        return self.numbers.get(name, "" if value is None else str(value))

    @property
    def separator(self) -> str:
        """The word for it in the form."""
        return next((word for word, sign in SEPARATORS.items() if sign == self.profile.separator), "")

    def pressed(self, button: str, place: int | None, chosen: str) -> Editing:
        """After a button beside the columns: `add` what is chosen, or move or remove the column at this
        place. Nothing is saved, no error shown."""
        columns = list(self.profile.columns)
        if button == "add":
            columns += self._new_columns(chosen)
        elif place is not None and 0 <= place < len(columns):
            if button == "remove":
                del columns[place]
            elif button == "up" and place > 0:
                columns[place - 1 : place + 1] = reversed(columns[place - 1 : place + 1])
            elif button == "down":
                columns[place : place + 2] = reversed(columns[place : place + 2])
        return replace(self, profile=replace(self.profile, columns=tuple(columns)), errors={})

    def _new_columns(self, chosen: str) -> list[ProfileColumn]:
        """One, unless there are too many or nothing that is known was chosen."""
        labels = {column.label for column in self.profile.columns}
        if len(self.profile.columns) >= MOST_COLUMNS:
            return []
        if chosen == TEXT_COLUMN:
            return [ProfileColumn(_free(_("Text"), labels), text="{make} {model}")]
        if chosen in BY_NAME:
            return [ProfileColumn(_free(translated(BY_NAME[chosen].label), labels), fact=chosen)]
        return []


def blank(locations: Sequence[Location]) -> Editing:
    return Editing(location_id=locations[0].id if len(locations) == 1 else None)


def of_activation(activation: Activation) -> Editing:
    """A stored definition that is not readable any more begins anew."""
    try:
        profile = Profile.from_json(activation.settings.get("profile", {}))
    except ValueError:
        profile = START
    return Editing(str(activation.settings.get("name", "")), activation.location_id, profile)


def read(form: Form, locations: Sequence[Location], activation: Activation | None = None) -> Editing:
    name = " ".join(form.get("name", "").replace("\x00", "").split())[: NAME_LENGTH + 1]
    chosen = chosen_location(form.get("location", ""), locations)
    location_id = activation.location_id if activation else chosen
    numbers = {key: form.get(key, "").strip()[:24] for key in ("price_from", "price_to", "longest_text")}
    profile = _profile(form, numbers)
    errors = {key: translated(text) for key, text in profile.problems().items()}
    for key in ("price_from", "price_to"):
        if numbers[key] and _whole(numbers[key]) is None:
            errors[key] = _("Bitte einen Betrag von 0 bis 9.999.999 € angeben.")
    if not name or len(name) > NAME_LENGTH:
        errors = {
            "name": _("Bitte geben Sie einen Namen von höchstens %(n)d Zeichen an.", n=NAME_LENGTH)
        } | errors
    if location_id is None:
        errors = {"location": _("Bitte wählen Sie einen Standort.")} | errors
    return Editing(name, location_id, profile, numbers, errors)


def _free(label: str, taken: set[str]) -> str:
    """`Preis`, and when there is one already `Preis 2`."""
    count, free = 1, label
    while free in taken:
        count += 1
        free = f"{label} {count}"
    return free


def _profile(form: Form, numbers: Mapping[str, str]) -> Profile:
    texts: dict[str, Any] = {name: form.get(name, "") for name in CHOICES}
    if texts["format"] == "json":
        texts["charset"] = "utf-8"
    # Each column has three inputs of the same names, in the order of the page.
    columns = list(zip(form.getlist("label"), form.getlist("fact"), form.getlist("text"), strict=False))
    return Profile(
        columns=tuple(
            ProfileColumn(
                label.strip()[: LONGEST_LABEL + 1], fact, "" if fact else text[: LONGEST_TEMPLATE + 1]
            )
            for label, fact, text in columns[: MOST_COLUMNS + 1]
        ),
        separator=SEPARATORS.get(form.get("separator", ""), ""),
        price_from=_whole(numbers["price_from"]),
        price_to=_whole(numbers["price_to"]),
        longest_text=_whole(numbers["longest_text"]) or 0,
        kinds=tuple(kind.value for kind in Kind if kind.value in form.getlist("kinds")),
        mark="mark" in form,
        header="header" in form,
        comma="comma" in form,
        **texts,
    )


def _whole(text: str) -> int | None:
    """As vehicles' amounts are read: `1.5` is no 15, and `20,000` is 20,000 in English alone."""
    try:
        return int(parse_number(text, WHOLE_EUROS))
    except ValueError:
        return None
