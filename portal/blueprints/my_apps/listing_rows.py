"""The listings of one activation, a page at a time, by key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from flask import render_template, request
from sqlalchemy import ColumnElement, Select, and_, func, literal_column, or_, select
from sqlalchemy.orm import Session, joinedload
from werkzeug.datastructures import MultiDict

from portal.blueprints.my_apps import blueprint
from portal.blueprints.my_apps.head import app_head
from portal.extensions import db
from portal.models import Activation, Listing, Vehicle
from portal.models.exports import ListingState
from portal.platforms import get_app
from portal.web.access import dealer, load_activation
from portal.web.answers import fragment

PAGE = 50
LONGEST_TEXT = 100
NO_DRIFT: ColumnElement[object] = literal_column("'[]'::jsonb")


class Check(StrEnum):
    """What is known of a listing since it was sent or checked last."""

    ALL = ""
    CONFIRMED = "confirmed"
    DRIFTED = "drifted"
    VANISHED = "vanished"


CONDITIONS: Mapping[Check, ColumnElement[bool]] = {
    Check.CONFIRMED: and_(
        Listing.state == ListingState.ONLINE,
        Listing.confirmed_at.is_not(None),
        Listing.vanished_at.is_(None),
        Listing.drift == NO_DRIFT,
    ),
    Check.DRIFTED: Listing.drift != NO_DRIFT,
    Check.VANISHED: Listing.vanished_at.is_not(None),
}


@dataclass(frozen=True)
class ListingFilter:
    """`before` and `after` are listings: the page shows older or newer ones."""

    text: str = ""
    check: Check = Check.ALL
    before: UUID | None = None
    after: UUID | None = None

    @classmethod
    def from_args(cls, args: MultiDict[str, str]) -> ListingFilter:
        text = args.get("q", "").replace("\x00", "").strip()[:LONGEST_TEXT]
        check = args.get("check", "")
        chosen = Check(check) if check in set(Check) else Check.ALL
        return cls(text, chosen, args.get("before", type=UUID), args.get("after", type=UUID))


@dataclass(frozen=True)
class Row:
    listing: Listing
    vehicle: Vehicle

    @property
    def title(self) -> str:
        facts = self.vehicle.data
        parts = (facts.get("make"), facts.get("model"), facts.get("model_description"))
        return " ".join(part for part in parts if part)


@dataclass(frozen=True)
class Found:
    rows: tuple[Row, ...]
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
        "found": load(db.session(), activation.id, wanted),
        "wanted": wanted,
        "checks": count_checks(db.session(), activation.id),
        "app": get_app(activation.app),
    }
    if fragment():
        return render_template("my_apps/_listings.html", activation=activation, **facts)
    return render_template("my_apps/listings.html", **(app_head(activation) | facts))


def load(session: Session, activation_id: UUID, wanted: ListingFilter) -> Found:
    """Newest listings first: two queries."""
    every = _matching(activation_id, wanted)
    count = session.scalar(select(func.count()).select_from(every.with_only_columns(Listing.id).subquery()))
    rows = [Row(listing, vehicle) for listing, vehicle in session.execute(_page(every, wanted))]
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if wanted.after:
        rows.reverse()
    newer = bool(wanted.before) or (bool(wanted.after) and more)
    older = bool(wanted.after) or more
    return Found(
        tuple(rows),
        count or 0,
        newer=rows[0].listing.id if rows and newer else None,
        older=rows[-1].listing.id if rows and older else None,
    )


def count_checks(session: Session, activation_id: UUID) -> dict[Check, int]:
    """How many listings each filter lets through: one query."""
    columns = [func.count().filter(condition) for condition in CONDITIONS.values()]
    here = (Listing.activation_id == activation_id, Listing.state != ListingState.ABSENT)
    row = session.execute(select(func.count(), *columns).select_from(Listing).where(*here)).one()
    return dict(zip((Check.ALL, *CONDITIONS), row, strict=True))


def _matching(activation_id: UUID, wanted: ListingFilter) -> Select[Listing, Vehicle]:
    statement = (
        select(Listing, Vehicle)
        .join(Vehicle, Vehicle.id == Listing.vehicle_id)
        .where(Listing.activation_id == activation_id, Listing.state != ListingState.ABSENT)
    )
    if wanted.check:
        statement = statement.where(CONDITIONS[wanted.check])
    for word in wanted.text.lower().split():
        by_id = Listing.listing_id == word
        statement = statement.where(or_(Vehicle.search.contains(word, autoescape=True), by_id))
    return statement


def _page(every: Select[Listing, Vehicle], wanted: ListingFilter) -> Select[Listing, Vehicle]:
    statement = every.limit(PAGE + 1)
    if wanted.after:
        return statement.where(Listing.id > wanted.after).order_by(Listing.id)
    if wanted.before:
        statement = statement.where(Listing.id < wanted.before)
    return statement.order_by(Listing.id.desc())
