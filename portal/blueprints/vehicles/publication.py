"""Two tabs of a vehicle: release, own prices and paid extras at each platform; what was sent."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from flask import flash, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from portal.blueprints.vehicles import blueprint
from portal.blueprints.vehicles.head import (
    VehicleHead,
    cost_notice,
    head_of,
    load_for_change,
    load_head,
)
from portal.blueprints.vehicles.parsing import parse_number, spell_number
from portal.blueprints.vehicles.tab import latest_change_of, render_tab
from portal.extensions import db
from portal.models import Activation, Vehicle
from portal.people.plan_limits import against_exporting
from portal.platforms import APPS
from portal.platforms.contract import EUR, Booking
from portal.vehicle_facts.numbers import spell
from portal.vehicle_facts.quantities import VEHICLE_PRICE
from portal.vehicle_facts.understanding import NotUnderstood
from portal.vehicles import export_limit
from portal.vehicles.known_models import CODES, OpenModel, find_open_models, works_everywhere
from portal.vehicles.publication import NO_CHOICE, Choice, choices_of, live_activations, publish
from portal.web import audit, undo
from portal.web.access import current_dealer, current_realm, dealer
from portal.web.apps import app_name
from portal.web.responses import CONFLICT, UNPROCESSABLE, go
from portal.web.support_session import mandate
from portal.web.wording import translated

HIGHEST_PRICE = Decimal("99999999.99")
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Offer:
    """An activation with what was chosen for it, as the form shows it."""

    activation: Activation
    choice: Choice
    price_text: str
    bookings: tuple[Booking, ...]
    """Empty where paid extras are not transferred."""
    currency: str
    """Of the price."""

    @classmethod
    def of(cls, activation: Activation, choice: Choice) -> Offer:
        typed = request.form.get(f"price-{activation.id}")
        stored = spell_number(choice.price) if choice.price is not None else ""
        price_text = stored if typed is None else typed
        currency = APPS[activation.app].currency if activation.app in APPS else EUR
        return cls(activation, choice, price_text, offered_bookings(activation), currency)


@blueprint.get("/vehicles/<uuid:vehicle_id>/publication")
@dealer("view")
def publication(vehicle_id: UUID) -> str:
    head = load_head(vehicle_id)
    return _page(head, head.vehicle.online, head.choices)


@blueprint.post("/vehicles/<uuid:vehicle_id>/publication")
@dealer("edit_vehicles")
def save_publication(vehicle_id: UUID) -> Response | tuple[str, int]:
    vehicle = load_for_change(vehicle_id)
    activations = live_activations(db.session(), current_realm().at(vehicle.location_id))
    before = choices_of(db.session(), vehicle)
    online = bool(request.form.get("online"))
    choices, errors = _read(request.form, activations, before, vehicle.facts().prices.selling)
    errors |= _no_room(vehicle, online, choices)
    stale = request.form.get("version") != _version(vehicle, before)
    if stale or errors:
        page = _page(head_of(vehicle), online, choices, before=before, errors=errors, stale=stale)
        return page, CONFLICT if stale else UNPROCESSABLE
    was_online = vehicle.online
    changed = _publish(vehicle, activations, online, choices)
    db.session.commit()
    if changed:
        _offer_undo(vehicle, was_online, before)
    else:
        flash(_("Es war nichts zu ändern. Es wird nichts übertragen."), "info")
    return go(url_for("vehicles.publication", vehicle_id=vehicle_id))


def _publish(
    vehicle: Vehicle, activations: list[Activation], online: bool, choices: Mapping[UUID, Choice]
) -> bool:
    before = choices_of(db.session(), vehicle)
    if not publish(db.session(), vehicle, online, choices):
        return False
    # What changed at which platform, for the audit log.
    pairs = {
        f"{one.app} {one.customer_number}": (before.get(one.id, NO_CHOICE), choices.get(one.id, NO_CHOICE))
        for one in activations
    }
    audit.log_vehicle(
        "vehicle.published",
        vehicle,
        online=online,
        **{name: [_spell(old), _spell(new)] for name, (old, new) in pairs.items() if old != new},
    )
    return True


def _offer_undo(vehicle: Vehicle, was_online: bool, before: Mapping[UUID, Choice]) -> None:
    """With what was chosen before where that was something else, and how all of it stands now."""
    now = choices_of(db.session(), vehicle)
    old = {key: before.get(key, NO_CHOICE) for key in now if before.get(key, NO_CHOICE) != now[key]}
    undo.flash_undoable(
        _("Die Veröffentlichung ist gespeichert."),
        url_for("vehicles.restore_publication", vehicle_id=vehicle.id),
        online=was_online,
        choices={str(key): choice.as_json() for key, choice in old.items()},
        now=_version(vehicle, now),
    )


@blueprint.post("/vehicles/<uuid:vehicle_id>/publication/restore")
@dealer("edit_vehicles")
def restore_publication(vehicle_id: UUID) -> Response:
    """As it was before the change that offered this, while it stands as that change has left it."""
    vehicle = load_for_change(vehicle_id)
    activations = live_activations(db.session(), current_realm().at(vehicle.location_id))
    before, now = undo.before_of_request() or {}, choices_of(db.session(), vehicle)
    back = go(url_for("vehicles.publication", vehicle_id=vehicle_id))
    restored = {UUID(key): Choice.from_json(stored) for key, stored in before.get("choices", {}).items()}
    done = bool(before) and vehicle.online == before["online"] and now == now | restored
    untouched = bool(before) and before["now"] == _version(vehicle, now)
    if not (done or untouched) or not restored.keys() <= {one.id for one in activations}:
        undo.flash_too_late()
    elif full := _no_room(vehicle, before["online"], now | restored):
        flash(full["online"], "error")
    else:
        _publish(vehicle, activations, before["online"], now | restored)
        db.session.commit()
        flash(_("Die Veröffentlichung ist wieder wie vorher."), "success")
    return back


def _no_room(vehicle: Vehicle, online: bool, choices: Mapping[UUID, Choice]) -> dict[str, str]:
    """Where the plan has no room for one vehicle more; a vehicle that is exported already needs none."""
    if not online or not any(choice.released for choice in choices.values()):
        return {}
    if export_limit.is_exported(db.session(), vehicle):
        return {}
    reason = against_exporting(db.session(), current_dealer(), 1)
    return {"online": translated(reason)} if reason else {}


def _spell(choice: Choice) -> str:
    price = "" if choice.price is None else str(choice.price)
    released = _("freigegeben") if choice.released else _("nicht freigegeben")
    return ", ".join(filter(None, (released, price, *choice.bookings)))


def _read(
    form: MultiDict[str, str],
    activations: list[Activation],
    before: Mapping[UUID, Choice],
    selling: Decimal | None,
) -> tuple[dict[UUID, Choice], dict[str, str]]:
    """What the form does not show keeps its value."""
    choices: dict[UUID, Choice] = {}
    errors: dict[str, str] = {}
    for activation in activations:
        was = before.get(activation.id, NO_CHOICE)
        price = was.price
        if current_dealer().platform_prices:
            try:
                price = _price(form.get(f"price-{activation.id}", ""), selling)
            except ValueError as error:
                errors[f"price-{activation.id}"] = f"{app_name(activation.app)}: {error}"
        released = bool(form.get(f"released-{activation.id}"))
        bookings, offered = was.bookings, {booking.code for booking in offered_bookings(activation)}
        if offered and mandate().may_cost:
            bookings = tuple(sorted(offered & set(form.getlist(f"bookings-{activation.id}"))))
        choices[activation.id] = Choice(released, price, bookings)
    return choices, errors


def _price(text: str, selling: Decimal | None) -> Decimal | None:
    """A price that is implausibly low is one only where the selling price is as low, and was confirmed."""
    if not text.strip():
        return None
    price = parse_number(text, VEHICLE_PRICE)
    if VEHICLE_PRICE.doubtful(price) and not (selling and VEHICLE_PRICE.doubtful(selling)):
        raise ValueError(translated(NotUnderstood("amount-implausible", value=spell(price)).text))
    if not 0 < price <= HIGHEST_PRICE or price != price.quantize(CENT):
        raise ValueError(_("Bitte einen Preis mit höchstens zwei Stellen nach dem Komma eingeben."))
    return price.quantize(CENT)


def offered_bookings(activation: Activation) -> tuple[Booking, ...]:
    """None when the activation does not transfer them, which is the default: they cost money."""
    if activation.app not in APPS or activation.settings.get("bookings", "none") == "none":
        return ()
    return APPS[activation.app].bookings


def _version(vehicle: Vehicle, choices: Mapping[UUID, Choice]) -> str:
    spelled = repr((vehicle.online, vehicle.location_id, sorted(choices.items())))
    return hashlib.sha256(spelled.encode()).hexdigest()


def _page(
    head: VehicleHead,
    online: bool,
    choices: Mapping[UUID, Choice],
    *,
    before: Mapping[UUID, Choice] | None = None,
    errors: Mapping[str, str] | None = None,
    stale: bool = False,
) -> str:
    here = [line for line in head.lines if line.activation.location_id == head.vehicle.location_id]
    return render_tab(
        "vehicles/publication.html",
        head,
        latest_change_of(head.vehicle),
        online=online,
        offers=[Offer.of(line.activation, choices.get(line.activation.id, NO_CHOICE)) for line in here],
        lines={line.activation.id: line for line in head.lines},
        version=_version(head.vehicle, choices if before is None else before),
        own_prices=current_dealer().platform_prices,
        cost_notice=cost_notice(line.activation for line in here),
        errors=errors or {},
        stale=stale,
        app_name=app_name,
        open_models=_open_models(head),
        everywhere=works_everywhere(db.session(), current_realm()),
    )


def _open_models(head: VehicleHead) -> list[OpenModel]:
    """Asked only where a platform has suggested something."""
    hints = (hint for place in head.inputs if place.publication for hint in place.publication.hints)
    if not any(hint["code"] in CODES for hint in hints):
        return []
    return find_open_models(db.session(), current_realm(), head.vehicle.id)
