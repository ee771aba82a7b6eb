"""What an app may have cost in a month, with the vehicles behind each number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask import Response, abort, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Engine
from sqlalchemy.orm import Session, joinedload
from werkzeug.datastructures import MultiDict

from portal.blueprints.activations import blueprint
from portal.blueprints.activations.head import app_head
from portal.calendar import today
from portal.exports.costs import CostKind, cost_lines, month_costs, months_back
from portal.extensions import db
from portal.messages import N_
from portal.models import Activation
from portal.platforms import get_app
from portal.web.access import dealer, load_activation
from portal.web.downloads import csv_download, download_moment
from portal.web.wording import translated

PAGE = 50
LAST_PAGE = 2_000
MONTHS = 13
KINDS: Mapping[CostKind, str] = {
    CostKind.CREATED: N_("neu eingestellt"),
    CostKind.AGAIN: N_("erneut eingestellt"),
    CostKind.DELETED: N_("gelöscht"),
    CostKind.BOOKED: N_("Zusatzbuchung"),
}


@dataclass(frozen=True)
class Wanted:
    month: date
    kind: CostKind | None
    page: int

    @classmethod
    def from_args(cls, args: MultiDict[str, str]) -> Wanted:
        """404 for a month that is not kept."""
        months = {f"{month:%Y-%m}": month for month in months_back(today(), MONTHS)}
        month = months.get(args.get("month") or f"{today():%Y-%m}") or abort(404)
        kind = args.get("kind", "")
        page = min(max(args.get("page", 1, int), 1), LAST_PAGE)
        return cls(month, CostKind(kind) if kind in set(CostKind) else None, page)


@blueprint.get("/apps/<uuid:activation_id>/costs")
@dealer("view")
def costs(activation_id: UUID) -> str:
    activation = _charged(activation_id)
    wanted = Wanted.from_args(request.args)
    rows = list(
        cost_lines(
            db.session(),
            activation.id,
            wanted.month,
            wanted.kind,
            offset=(wanted.page - 1) * PAGE,
            limit=PAGE + 1,
        )
    )

    def turn(to: int) -> str:
        return _here(activation_id, wanted.month, wanted.kind, page=to)

    facts = {
        "costs": month_costs(db.session(), activation.id, wanted.month),
        "rows": rows[:PAGE],
        "newer": turn(wanted.page - 1) if wanted.page > 1 else None,
        "older": turn(wanted.page + 1) if len(rows) > PAGE else None,
        "wanted": wanted,
        "months": months_back(today(), MONTHS),
        "kinds": KINDS,
        "booking_names": _booking_names(activation.app),
        "here": _here,
    }
    return render_template("activations/costs.html", **(app_head(activation) | facts))


@blueprint.get("/apps/<uuid:activation_id>/costs.csv")
@dealer("view")
def costs_csv(activation_id: UUID) -> Response:
    activation = _charged(activation_id)
    wanted = Wanted.from_args(request.args)
    kinds = {kind: translated(label) for kind, label in KINDS.items()}
    names = _booking_names(activation.app)
    header = [_("Zeit"), _("Was"), _("Zusatzbuchung"), _("Fahrzeugnummer"), _("Fahrzeug")]
    rows = _csv_rows(db.engine, activation.id, wanted, kinds, names)
    return csv_download(f"{activation.app}-{wanted.month:%Y-%m}.csv", header, rows)


def _csv_rows(
    engine: Engine,
    activation_id: UUID,
    wanted: Wanted,
    kinds: Mapping[CostKind, str],
    names: Mapping[str, str],
) -> Iterator[list[str]]:
    """With a session of its own: the request's is gone when the last line leaves."""
    with Session(engine) as session:
        for line in cost_lines(session, activation_id, wanted.month, wanted.kind):
            at = download_moment(line.at)
            yield [at, kinds[line.kind], names.get(line.booking, line.booking), line.offer_number, line.title]


def _charged(activation_id: UUID) -> Activation:
    """404 for an app that costs nothing at its platform."""
    activation = load_activation(activation_id, joinedload(Activation.location))
    app = get_app(activation.app)
    return activation if app.kind == "api" and app.cost_notice else abort(404)


def _booking_names(slug: str) -> dict[str, str]:
    return {booking.code: translated(booking.label) for booking in get_app(slug).bookings}


def _here(activation_id: UUID, month: date, kind: CostKind | None = None, page: int = 1) -> str:
    return url_for(
        "activations.costs",
        activation_id=activation_id,
        month=f"{month:%Y-%m}",
        kind=kind or None,
        page=page if page > 1 else None,
    )
