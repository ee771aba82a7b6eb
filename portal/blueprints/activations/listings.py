"""The listings of one activation, a page at a time, and what can be done about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from flask import Response, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import ColumnElement, Select, and_, func, literal_column, or_, select
from sqlalchemy.orm import Session, joinedload
from werkzeug.datastructures import MultiDict

from portal.blueprints.activations import blueprint
from portal.blueprints.activations.head import app_head
from portal.exports.drift import control
from portal.exports.full_transfer.control import trigger_of
from portal.extensions import db
from portal.models import Activation, Listing, Vehicle
from portal.models.exports import ListingState
from portal.platforms import get_app
from portal.web import audit
from portal.web.access import dealer, load_activation, load_vehicle, who
from portal.web.responses import fragment, go, page_before
from portal.web.templating import number

PAGE = 50
LONGEST_TEXT = 100
NO_DRIFT: ColumnElement[object] = literal_column("'[]'::jsonb")


class ListingCheck(StrEnum):
    """What is known of a listing since it was sent or checked last."""

    ALL = ""
    CONFIRMED = "confirmed"
    DRIFTED = "drifted"
    VANISHED = "vanished"


CONDITIONS: Mapping[ListingCheck, ColumnElement[bool]] = {
    ListingCheck.CONFIRMED: and_(
        Listing.state == ListingState.ONLINE,
        Listing.confirmed_at.is_not(None),
        Listing.vanished_at.is_(None),
        Listing.drift == NO_DRIFT,
    ),
    ListingCheck.DRIFTED: Listing.drift != NO_DRIFT,
    ListingCheck.VANISHED: Listing.vanished_at.is_not(None),
}


@dataclass(frozen=True)
class ListingFilter:
    """`before` and `after` are listings: the page shows older or newer ones."""

    text: str = ""
    check: ListingCheck = ListingCheck.ALL
    before: UUID | None = None
    after: UUID | None = None

    @classmethod
    def from_args(cls, args: MultiDict[str, str]) -> ListingFilter:
        text = args.get("q", "").replace("\x00", "").strip()[:LONGEST_TEXT]
        check = args.get("check", "")
        chosen = ListingCheck(check) if check in set(ListingCheck) else ListingCheck.ALL
        return cls(text, chosen, args.get("before", type=UUID), args.get("after", type=UUID))

    def matching(self, activation_id: UUID) -> Select[Listing, Vehicle]:
        """All that is filtered for, whatever page is shown."""
        statement = (
            select(Listing, Vehicle)
            .join(Vehicle, Vehicle.id == Listing.vehicle_id)
            .where(Listing.activation_id == activation_id, Listing.state != ListingState.ABSENT)
        )
        if self.check:
            statement = statement.where(CONDITIONS[self.check])
        for word in self.text.lower().split():
            by_id = Listing.listing_id == word
            statement = statement.where(or_(Vehicle.search.contains(word, autoescape=True), by_id))
        return statement

    def page_of(self, every: Select[Listing, Vehicle]) -> Select[Listing, Vehicle]:
        """One more than the page shows; the page before another one backwards, from its key on."""
        statement = every.limit(PAGE + 1)
        if self.after:
            return statement.where(Listing.id > self.after).order_by(Listing.id)
        if self.before:
            statement = statement.where(Listing.id < self.before)
        return statement.order_by(Listing.id.desc())


@dataclass(frozen=True)
class ListingRow:
    listing: Listing
    vehicle: Vehicle

    @property
    def title(self) -> str:
        return self.vehicle.title


@dataclass(frozen=True)
class ListingPage:
    rows: tuple[ListingRow, ...]
    count: int
    newer: UUID | None = None
    """Key of the page before this one; None on the first."""
    older: UUID | None = None


@blueprint.get("/apps/<uuid:activation_id>/listings")
@dealer("view")
def listings(activation_id: UUID) -> str:
    activation = load_activation(activation_id, joinedload(Activation.location))
    wanted = ListingFilter.from_args(request.args)
    facts = {
        "found": load_listings(db.session(), activation.id, wanted),
        "wanted": wanted,
        "checks": count_checks(db.session(), activation.id),
        "app": get_app(activation.app),
    }
    if fragment():
        return render_template("activations/_listings.html", activation=activation, **facts)
    return render_template("activations/listings.html", **(app_head(activation) | facts))


def load_listings(session: Session, activation_id: UUID, wanted: ListingFilter) -> ListingPage:
    """Newest listings first: one query, two where a page before or after another one is empty."""
    every = wanted.matching(activation_id)
    counted = select(func.count()).select_from(every.with_only_columns(Listing.id).subquery())
    found = session.execute(wanted.page_of(every).add_columns(counted.scalar_subquery())).all()
    rows = [ListingRow(listing, vehicle) for listing, vehicle, _count in found]
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if wanted.after:
        rows.reverse()
    newer = bool(wanted.before) or (bool(wanted.after) and more)
    older = bool(wanted.after) or more
    count = found[0][2] if found else session.scalar(counted) if wanted.before or wanted.after else 0
    return ListingPage(
        tuple(rows),
        count or 0,
        newer=rows[0].listing.id if rows and newer else None,
        older=rows[-1].listing.id if rows and older else None,
    )


def count_listed(session: Session, activation_id: UUID) -> int:
    """Listings that are at the platform, or on their way there."""
    here = (Listing.activation_id == activation_id, Listing.state != ListingState.ABSENT)
    return session.scalar(select(func.count()).select_from(Listing).where(*here)) or 0


def count_checks(session: Session, activation_id: UUID) -> dict[ListingCheck, int]:
    """How many listings each filter lets through: one query."""
    columns = [func.count().filter(condition) for condition in CONDITIONS.values()]
    here = (Listing.activation_id == activation_id, Listing.state != ListingState.ABSENT)
    row = session.execute(select(func.count(), *columns).select_from(Listing).where(*here)).one()
    return dict(zip((ListingCheck.ALL, *CONDITIONS), row, strict=True))


# Bestand prüfen: ask for a check, and decide what is done about what it found.


@blueprint.post("/apps/<uuid:activation_id>/check")
@dealer("edit_vehicles")
def check(activation_id: UUID) -> Response:
    activation = load_activation(activation_id)
    if not control.can_check(activation):
        flash(_("Zurzeit lässt sich der Bestand nicht prüfen: Die App ist nicht aktiv."), "error")
        return _back(activation)
    run_id = control.request_check(db.session(), activation, who().user_id, trigger_of(who()))
    audit.log_activation("run.check_requested", activation)
    db.session.commit()
    return go(url_for("history.run", activation_id=activation_id, run_id=run_id))


@blueprint.post("/apps/<uuid:activation_id>/listings/resend")
@dealer("edit_vehicles")
def resend_drifted(activation_id: UUID) -> Response:
    activation = load_activation(activation_id)
    drifted = control.drifted_ids(db.session(), activation.id)
    sent = control.send_again(db.session(), activation, drifted, trigger_of(who()))
    if sent:
        audit.log_activation("vehicle.resent", activation, vehicles=sent)
    db.session.commit()
    said = ngettext(
        "1 Fahrzeug wird erneut gesendet.",
        "%(n)s Fahrzeuge werden erneut gesendet.",
        sent,
        n=number(sent),
    )
    flash(said, "success")
    return _back(activation)


@blueprint.post("/apps/<uuid:activation_id>/listings/<uuid:vehicle_id>/resend")
@dealer("edit_vehicles")
def resend_listing(activation_id: UUID, vehicle_id: UUID) -> Response:
    activation, vehicle = load_activation(activation_id), load_vehicle(vehicle_id)
    sent = control.send_again(db.session(), activation, [vehicle.id], trigger_of(who()))
    if sent:
        audit.log_vehicle("vehicle.resent", vehicle, activation, app=activation.app)
    db.session.commit()
    if sent:
        flash(_("Fahrzeug %(number)s wird erneut gesendet.", number=vehicle.offer_number), "success")
    else:
        flash(_("Für Fahrzeug %(number)s ist hier nichts zu senden.", number=vehicle.offer_number))
    return _back(activation)


@blueprint.post("/apps/<uuid:activation_id>/listings/<uuid:vehicle_id>/publish")
@dealer("edit_vehicles")
def publish_anew(activation_id: UUID, vehicle_id: UUID) -> Response:
    activation, vehicle = load_activation(activation_id), load_vehicle(vehicle_id)
    if control.publish_anew(db.session(), activation, [vehicle.id], trigger_of(who())):
        audit.log_vehicle("vehicle.published_anew", vehicle, activation, app=activation.app)
        flash(_("Fahrzeug %(number)s wird neu eingestellt.", number=vehicle.offer_number), "success")
    else:
        flash(_("Für Fahrzeug %(number)s ist hier nichts zu senden.", number=vehicle.offer_number))
    db.session.commit()
    return _back(activation)


@blueprint.post("/apps/<uuid:activation_id>/listings/<uuid:vehicle_id>/withdraw")
@dealer("edit_vehicles")
def withdraw_listing(activation_id: UUID, vehicle_id: UUID) -> Response:
    activation, vehicle = load_activation(activation_id), load_vehicle(vehicle_id)
    control.withdraw(db.session(), activation, vehicle)
    audit.log_vehicle("vehicle.taken_back", vehicle, activation, app=activation.app)
    db.session.commit()
    flash(
        _("Fahrzeug %(number)s wird hier nicht mehr veröffentlicht.", number=vehicle.offer_number), "success"
    )
    return _back(activation)


def _back(activation: Activation) -> Response:
    """To where the button was."""
    return go(page_before() or url_for("activations.listings", activation_id=activation.id))
