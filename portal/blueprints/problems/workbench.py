"""Handlungsbedarf as a workbench: the field that vehicles of one cause lack, in one table to fill in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from portal.blueprints.problems import blueprint
from portal.blueprints.vehicles.form import read, typed_from
from portal.blueprints.vehicles.form_cards import FIELDS, tidy
from portal.blueprints.vehicles.head import load_for_change
from portal.exports.problems import (
    RESENDABLE_SOURCES,
    CauseKey,
    ProblemCause,
    ProblemSource,
    find_causes,
    find_refusals,
)
from portal.extensions import db
from portal.models import Vehicle
from portal.vehicles.known_models import CODES
from portal.vehicles.search import VehicleFilter, matching_ids
from portal.vehicles.stock import save_vehicle
from portal.web import audit
from portal.web.access import current_dealer, current_realm, dealer
from portal.web.responses import UNPROCESSABLE, go

MOST_ROWS = 50
"""Vehicles in the table; further ones come when these are saved."""
TYPES_OF_A_CELL = ("text", "choice", "maybe", "whole", "decimal", "month", "date")
NEVER_HERE = ("offer_number",)
"""Must be free at its location, which the vehicle's own page asks."""


@dataclass(frozen=True)
class FixRow:
    """A vehicle and its value as a form spells it; `stored` is what stood there when the page was shown."""

    vehicle: Vehicle
    stored: str
    typed: str
    error: str = ""


def is_fixable(cause: ProblemCause) -> bool:
    """One value of each vehicle removes it. Models are assigned on a page of their own."""
    here = cause.source != ProblemSource.VANISHED and cause.code not in CODES
    return here and _fits_a_cell(cause.field)


def _fits_a_cell(name: str) -> bool:
    return name in FIELDS and FIELDS[name].type in TYPES_OF_A_CELL and name not in NEVER_HERE


@blueprint.get("/problems/fix")
@dealer("view")
def fix() -> Response | str:
    which = _which(request.args)
    return _page(which, ()) if which else go(url_for("problems.page"))


@blueprint.post("/problems/fix")
@dealer("edit_vehicles")
def save_fixed() -> Response | tuple[str, int]:
    """What was typed is saved, each vehicle for itself; what cannot be read stays to be typed again."""
    which = _which(request.form)
    if which is None:
        return go(url_for("problems.page"))
    # In one order, so that two who save the same vehicles wait for each other instead of in a circle.
    given = sorted(set(request.form.getlist("vehicle", type=UUID)))[:MOST_ROWS]
    done = [_save(vehicle_id, which.field) for vehicle_id in given]
    db.session.commit()
    if saved := sum(one is True for one in done):
        text = ngettext(
            "%(num)d Fahrzeug ist gespeichert und wird neu geprüft.",
            "%(num)d Fahrzeuge sind gespeichert und werden neu geprüft.",
            saved,
        )
        flash(text, "success")
    failed = [one for one in done if isinstance(one, FixRow)]
    if failed:
        return _page(which, failed), UNPROCESSABLE
    return go(url_for("problems.page"))


def _which(args: MultiDict[str, str]) -> CauseKey | None:
    """None for what no table can fill in."""
    which = CauseKey.from_args(args)
    return which if which.source != ProblemSource.VANISHED and _fits_a_cell(which.field) else None


def _save(vehicle_id: UUID, name: str) -> FixRow | bool:
    """True where something was saved; the row again where it could not be."""
    base = request.form.get(f"base-{vehicle_id}", "")
    typed = tidy(request.form.get(f"value-{vehicle_id}", base))
    if typed == base:
        return False
    try:
        vehicle = load_for_change(vehicle_id)
    except NotFound:  # sold since the page was shown
        return False
    before = vehicle.facts()
    stored = str(typed_from(before)[name])
    if stored not in (base, typed):
        return FixRow(vehicle, stored, typed, _("Inzwischen eingetragen: %(value)s", value=stored))
    reading = read(MultiDict({name: typed}), before)
    if reading.facts is None:  # another field of the vehicle may be what is wrong
        return FixRow(vehicle, stored, typed, reading.errors.get(name) or " ".join(reading.errors.values()))
    if saved := save_vehicle(db.session(), vehicle, reading.facts):
        audit.log_vehicle("vehicle.changed", vehicle, **audit.facts_changed(before, reading.facts))
    return saved


def _page(which: CauseKey, failed: Sequence[FixRow]) -> str:
    causes = find_causes(db.session(), current_realm())
    asked_again = {row.vehicle.id for row in failed}
    found = [vehicle for vehicle in _vehicles(which) if vehicle.id not in asked_again]
    shown = [(vehicle, str(typed_from(vehicle.facts())[which.field])) for vehicle in found[:MOST_ROWS]]
    rows = [*failed, *(FixRow(vehicle, stored, stored) for vehicle, stored in shown)]
    return render_template(
        "problems/fix.html",
        which=which,
        cause=next((cause for cause in causes if CauseKey.of(cause) == which), None),
        rows=rows,
        field=FIELDS[which.field],
        more=len(found) > MOST_ROWS,
        errors={f"value-{row.vehicle.id}": f"{row.vehicle.offer_number}: {row.error}" for row in failed},
    )


def _vehicles(which: CauseKey) -> Sequence[Vehicle]:
    session, realm = db.session(), current_realm()
    statement = (
        select(Vehicle)
        .where(realm.of(Vehicle), Vehicle.withdrawn_at.is_(None))
        .options(joinedload(Vehicle.location))
        .order_by(Vehicle.offer_number, Vehicle.id)
        .limit(MOST_ROWS + 1)
    )
    if which.source in RESENDABLE_SOURCES:
        refused = {one.vehicle_id for one in find_refusals(session, realm, which)}
        return session.scalars(statement.where(Vehicle.id.in_(refused))).all()
    wanted = VehicleFilter(problem=which.code, field=which.field, online=True)
    concerned = matching_ids(current_dealer(), realm, wanted)
    return session.scalars(statement.where(Vehicle.id.in_(concerned))).all()
