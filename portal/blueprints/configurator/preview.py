"""The beginning of the file as it would be: the first ten vehicles, by the same code as the file itself."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import Numeric, Select, case, func, null, select

from portal.blueprints.configurator.forms import SLUG, Editing
from portal.exports.planning.cases import Release, load_cases, rules_of
from portal.exports.stock_files.build import file_surroundings
from portal.extensions import db
from portal.messages import Wording
from portal.models import Activation, Publication, Vehicle
from portal.models.exports import ActivationState
from portal.platforms import get_app
from portal.platforms.common.profile import Profile
from portal.platforms.common.profile_writer import ProfileWriter
from portal.platforms.configurator import writer
from portal.platforms.contract import Account, Rules
from portal.platforms.contract.fields import defaults
from portal.platforms.contract.files import FileEntry
from portal.web.access import current_dealer

ROWS = 10
LOOKED_AT = 200
"""Vehicles that are tried until ten of them belong into the file."""
LONGEST_TEXT = 20_000
"""Characters of XML or JSON that are shown."""


@dataclass(frozen=True)
class FileBeginning:
    """A table, or the text of a file that is none; `reason` when there is neither."""

    reason: str = ""
    header: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    text: str = ""
    hints: tuple[Wording, ...] = ()
    """What is odd about the vehicles shown."""
    file_name: str = ""

    @classmethod
    def of(cls, profile: Profile, made: ProfileWriter, entries: list[FileEntry]) -> FileBeginning:
        hints = tuple(dict.fromkeys(hint.text for entry in entries for hint in entry.hints))
        if profile.format == "csv":
            header = [column.label for column in profile.columns]
            rows = [entry.values for entry in entries]
            return cls(header=header, rows=rows, hints=hints, file_name=made.file_name)
        stream = io.BytesIO()  # as it stands in the file, the zip around it left aside
        made.write_table(map(made.record, entries), stream)
        text = stream.getvalue().decode(profile.charset, "replace")[:LONGEST_TEXT]
        return cls(text=text, hints=hints, file_name=made.file_name)


def preview_of(editing: Editing, activation: Activation | None) -> FileBeginning:
    if editing.errors or editing.profile.problems():
        return FileBeginning(reason=_("Die Vorschau folgt, sobald alle Angaben stimmen."))
    if editing.location_id is None:
        return FileBeginning(reason=_("Die Vorschau folgt, sobald ein Standort gewählt ist."))
    candidate, rules = _candidate(editing, activation), rules_of(current_dealer())
    around = file_surroundings(db.session(), candidate, current_app.extensions["settings"].portal_url)
    made = writer(candidate.settings, Account(candidate.customer_number, ""), rules, around)
    releases = {
        key: Release(released=True, price=price)
        for key, price in db.session.execute(_first(candidate, editing.profile, rules))
    }
    cases = load_cases(db.session(), candidate, rules, releases.keys(), releases)
    tried = (made.entry(case.subject) for case in cases if case.wanted)
    entries = [entry for entry in tried if not entry.problems][:ROWS]
    if not entries:
        return FileBeginning(
            reason=_(
                "Kein Fahrzeug, das online geschaltet ist, gehört in diese Datei. Prüfen Sie den Standort "
                "und den Filter."
            )
        )
    return FileBeginning.of(editing.profile, made, entries)


def _candidate(editing: Editing, activation: Activation | None) -> Activation:
    """The activation as it would be; it never gets into the session."""
    stored = activation.settings if activation else {}
    wished = {"name": editing.name, "profile": editing.profile.as_json()}
    return Activation(
        id=activation.id if activation else None,
        dealer_id=current_dealer().id,
        app=SLUG,
        customer_number=activation.customer_number if activation else "export",
        location_id=editing.location_id,
        settings=defaults(get_app(SLUG).fields) | stored | wished,
        state=ActivationState.ACTIVE,
    )


def _first(candidate: Activation, profile: Profile, rules: Rules) -> Select[UUID, Decimal | None]:
    """Vehicles that the filter may let through, with the prices that they have here; the writer decides."""
    here = (Publication.vehicle_id == Vehicle.id) & (Publication.activation_id == candidate.id)
    statement = (
        select(Vehicle.id, Publication.price)
        .outerjoin(Publication, here)
        .where(
            Vehicle.dealer_id == candidate.dealer_id,
            Vehicle.location_id == candidate.location_id,
            Vehicle.online,
            Vehicle.withdrawn_at.is_(None),
        )
    )
    if profile.kinds:
        statement = statement.where(Vehicle.kind.in_(profile.kinds))
    # As `portal.platforms.common.offer` says it; NULL where it is on request.
    prices = Vehicle.data["prices"]
    promo = func.nullif(prices["promo"].astext.cast(Numeric), 0)
    own = (Publication.price,) if rules.platform_prices else ()
    price = case((prices["on_request"].as_boolean(), null()), else_=func.coalesce(*own, promo, Vehicle.price))
    if profile.price_from is not None:
        statement = statement.where(price >= profile.price_from)
    if profile.price_to is not None:
        statement = statement.where(price <= profile.price_to)
    return statement.order_by(Vehicle.id).limit(LOOKED_AT)
