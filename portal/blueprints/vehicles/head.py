"""What every page of a vehicle shows around its tab, and what a row of the list shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import abort
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload, selectinload

from portal.blueprints.store.live_checks import runtime
from portal.blueprints.vehicles import blueprint
from portal.blueprints.vehicles.older_state import values_apart
from portal.extensions import db
from portal.messages import Wording, from_json
from portal.models import Activation, Vehicle
from portal.models.exports import SERVED, ActivationState, TransferState
from portal.platforms import APPS
from portal.platforms.contract import Json
from portal.vehicle_facts.data import VehicleData
from portal.vehicles import export_limit
from portal.vehicles.listing_days import Interest, interest_in
from portal.vehicles.publication import Choice, inputs_from, load_with_activations, status_inputs
from portal.vehicles.search import VehiclePage
from portal.vehicles.status import NOT_ONLINE, PublicationStatus, StatusInput, StatusReason
from portal.vehicles.status_line import StatusLine, StatusWords, status_line
from portal.web.access import current_dealer, current_realm, load_vehicle, may
from portal.web.i18n import TIMEZONE
from portal.web.states import StateText
from portal.web.wording import translated

POLLED_FOR = timedelta(minutes=5)
"""A transfer that waits longer than this is no longer watched second by second."""
JUST_NOW = timedelta(minutes=1)

STANDINGS: dict[str, StateText] = {
    PublicationStatus.ONLINE: StateText(
        _("online"), _("Auf der Plattform, alles ist übertragen."), "green", "circle-check"
    ),
    PublicationStatus.OPEN: StateText(_("offen"), _("Es ist noch etwas zu übertragen."), "blue", "clock"),
    PublicationStatus.ERROR: StateText(
        _("Fehler"), _("Die letzte Übertragung wurde abgelehnt oder ist fehlgeschlagen."), "red", "x"
    ),
    PublicationStatus.VANISHED: StateText(
        _("dort verschwunden"),
        _("Bei der letzten Bestandsprüfung stand das Inserat nicht mehr auf der Plattform."),
        "red",
        "world-off",
    ),
    PublicationStatus.INCOMPLETE: StateText(
        _("fehlt etwas"),
        _("Angaben fehlen oder passen nicht, darum wird nichts gesendet."),
        "orange",
        "alert-triangle",
    ),
    PublicationStatus.NOT_RELEASED: StateText(
        _("nicht freigegeben"), _("Für diese Plattform nicht freigegeben."), "grey", "ban"
    ),
}

OUTDATED = StateText(
    _("online mit altem Stand"),
    _("Das Inserat steht online, die letzte Änderung kam dort nicht an."),
    "yellow",
    "alert-triangle",
)


@blueprint.app_template_global()
def standing_of(line: StatusLine) -> StateText:
    return OUTDATED if line.outdated else STANDINGS[line.status]


@dataclass(frozen=True)
class WarningSign:
    """red: cannot be published at all; orange: not everywhere; grey: not meant to be online; hint: sent, and
    remarked."""

    level: str
    reasons: tuple[Wording, ...]


@dataclass(frozen=True)
class VehicleRow:
    vehicle: Vehicle
    stock_days: int
    cover: UUID | None
    lines: tuple[StatusLine, ...]
    warning: WarningSign | None
    problems: tuple[dict[str, Any], ...]
    """Of the vehicle itself and of its publications, as stored."""
    interest: Interest | None = None
    """None where no platform tells."""

    @property
    def title(self) -> str:
        return title_of(self.vehicle)


@dataclass(frozen=True)
class VehicleHead:
    vehicle: Vehicle
    facts: VehicleData
    activations: tuple[Activation, ...]
    """All that are live, also where it does not stand."""
    choices: Mapping[UUID, Choice]
    """What was decided for it, by activation."""
    inputs: tuple[StatusInput, ...]
    lines: tuple[StatusLine, ...]
    editable: bool

    @property
    def stock_days(self) -> int:
        return stock_days(self.vehicle)

    @property
    def title(self) -> str:
        return title_of(self.vehicle)

    @property
    def red(self) -> tuple[StatusReason, ...]:
        """Why no platform can publish it; shown even where no app is active."""
        if any(line.status == PublicationStatus.INCOMPLETE for line in self.lines):
            return ()
        return tuple(
            StatusReason(from_json(problem["text"]), field=problem.get("field"))
            for problem in self.vehicle.problems
        )

    def goes_out_to(self, activation: Activation) -> bool:
        """Released there before, or by the presets as soon as it stands there."""
        if not self.vehicle.online or self.facts.sold or activation.state not in SERVED:
            return False
        if activation.id in self.choices:
            return self.choices[activation.id].released
        wait = (activation.settings.get("kinds") or {}).get(self.facts.kind)
        return wait is not None and (wait == 0 or self.stock_days >= wait)

    @property
    def hindered(self) -> bool:
        return any(line.hindered for line in self.lines)

    @property
    def anywhere_online(self) -> bool:
        return any(line.online for line in self.lines)

    @property
    def only_outdated(self) -> bool:
        """Nothing is missing anywhere, but not all of it is up to date."""
        return all(line.online and (line.outdated or not line.hindered) for line in self.lines)

    @property
    def everywhere_online(self) -> bool:
        """What is said of it then is a hint."""
        return all(line.status == PublicationStatus.ONLINE for line in self.lines)

    def values_apart(self, line: StatusLine) -> list[Json]:
        """What is online there and what is wanted, where the two differ."""
        return values_apart(runtime(), line.activation.id, self.vehicle.id) if line.outdated else []

    @property
    def last_picture_stays_at(self) -> tuple[Wording, ...]:
        """Apps whose listing keeps the last picture, whatever is removed or hidden here; none while there are
        others."""
        if sum(image.published for image in self.vehicle.images) != 1:
            return ()
        apps = (APPS.get(place.activation.app) for place in self.inputs if place.online)
        return tuple(app.name for app in apps if app is not None and not app.clears_pictures)

    @property
    def polling(self) -> bool:
        return any(map(_moves, self.inputs))

    @property
    def moving(self) -> list[Activation]:
        """Where something is being sent; a change that is found incomplete goes nowhere."""
        still = (PublicationStatus.INCOMPLETE, PublicationStatus.NOT_RELEASED)
        pairs = zip(self.inputs, self.lines, strict=True)
        return [item.activation for item, line in pairs if _moves(item) and line.status not in still]

    @property
    def arrived(self) -> list[StatusInput]:
        """Transfers that ended just now."""
        since = datetime.now(UTC) - JUST_NOW
        return [
            item
            for item in self.inputs
            if item.last and not item.open and item.last.finished_at and item.last.finished_at > since
        ]


def _moves(status_input: StatusInput) -> bool:
    """Whether its state is about to change by itself."""
    waiting, now = status_input.open, datetime.now(UTC)
    if waiting is None or status_input.held or status_input.activation.state == ActivationState.STOPPED:
        return False
    if waiting.state == TransferState.SENDING:
        return True
    later = [moment for moment in (waiting.not_before, status_input.activation.paused_until) if moment]
    return not any(moment > now for moment in later) and now - waiting.created_at < POLLED_FOR


def load_head(vehicle_id: UUID) -> VehicleHead:
    options = (joinedload(Vehicle.location), selectinload(Vehicle.images))
    return head_of(load_vehicle(vehicle_id, *options))


def head_of(vehicle: Vehicle) -> VehicleHead:
    dealer = current_dealer()
    activations, stored = load_with_activations(db.session(), current_realm(), vehicle.id)
    found = inputs_from(stored, db.session(), dealer, [vehicle], activations)[vehicle.id]
    return VehicleHead(
        vehicle,
        vehicle.facts(),
        tuple(activations),
        {row.activation_id: Choice.of(row) for row in stored.publications.values()},
        tuple(found),
        tuple(map(status_line, found)),
        editable=may("edit_vehicles") and vehicle.withdrawn_at is None,
    )


def load_for_change(vehicle_id: UUID) -> Vehicle:
    """A vehicle in stock, locked until the transaction ends, so that two changes come one by one."""
    vehicle = load_vehicle(vehicle_id, joinedload(Vehicle.location))
    if current_dealer().max_exported_vehicles is not None:
        export_limit.hold(db.session(), vehicle.dealer_id)
    db.session.refresh(vehicle, ["data", "online", "location_id", "withdrawn_at"], with_for_update=True)
    if vehicle.withdrawn_at is not None:
        abort(404)
    return vehicle


def rows_of(page: VehiclePage, activations: Sequence[Activation]) -> list[VehicleRow]:
    found = status_inputs(db.session(), current_dealer(), page.vehicles, activations)
    ids = [vehicle.id for vehicle in page.vehicles]
    interest = interest_in(db.session(), ids) if any(map(tells_figures, activations)) else {}
    return [
        VehicleRow(
            vehicle,
            stock_days(vehicle),
            page.covers.get(vehicle.id),
            tuple(map(status_line, found[vehicle.id])),
            warning_of(vehicle, found[vehicle.id]),
            (
                *vehicle.problems,
                *(
                    problem
                    for place in found[vehicle.id]
                    if place.publication
                    for problem in (*place.publication.problems, *place.publication.hints)
                ),
            ),
            interest.get(vehicle.id),
        )
        for vehicle in page.vehicles
    ]


def warning_of(vehicle: Vehicle, found: Iterable[StatusInput]) -> WarningSign | None:
    if vehicle.problems:
        return WarningSign("red", _texts(vehicle.problems))
    places = list(found)
    orange = [
        problem
        for place in places
        if place.publication and place.activation.counts_for_warning
        for problem in place.publication.problems
    ]
    if orange:
        return WarningSign("orange", _texts(orange))
    grey = [reason for place in places if not place.present for reason in StatusWords(place).reasons()]
    if not vehicle.online or (grey and all(not place.present for place in places)):
        texts = dict.fromkeys(reason.text for reason in grey)
        return WarningSign("grey", tuple(texts) or (NOT_ONLINE,))
    hinted = dict.fromkeys(hint.text for place in places for hint in StatusWords(place).hints())
    return WarningSign("hint", tuple(hinted)) if hinted else None


def cause_text(rows: Iterable[VehicleRow], code: str, field: str) -> Wording | None:
    """The cause a list is filtered by, in the words of the first vehicle that has it."""
    for row in rows:
        for problem in row.problems:
            if problem["code"] == (code or problem["code"]) and problem.get("field") == (
                field or problem.get("field")
            ):
                return from_json(problem["text"])
    return None


def _texts(problems: Iterable[dict[str, Any]]) -> tuple[Wording, ...]:
    return tuple(dict.fromkeys(from_json(problem["text"]) for problem in problems))


def title_of(vehicle: Vehicle) -> str:
    return vehicle.title or vehicle.offer_number


def stock_days(vehicle: Vehicle) -> int:
    since = vehicle.data.get("stock_date")
    first = date.fromisoformat(since) if since else vehicle.created_at.astimezone(ZoneInfo(TIMEZONE)).date()
    return max((datetime.now(ZoneInfo(TIMEZONE)).date() - first).days, 0)


def tells_figures(activation: Activation) -> bool:
    """Whether its platform says how a listing does."""
    return activation.app in APPS and APPS[activation.app].figures_at_once > 0


def cost_notice(activations: Iterable[Activation]) -> str:
    """The notices of the apps concerned, each once."""
    notices = dict.fromkeys(APPS[item.app].cost_notice for item in activations if item.app in APPS)
    return " ".join(translated(notice) for notice in notices if notice)
