"""The export history of an activation: the page where a dealer checks every transfer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Response, abort, flash, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import MultiDict

from portal.blueprints.activations.head import app_head
from portal.blueprints.history import blueprint, download
from portal.blueprints.history import files as file_pages
from portal.blueprints.history.filters import FilterContext, history_days, load_filter_context
from portal.exports.full_transfer.control import resend as send_again
from portal.exports.history.filters import DEFAULT_FILTER, HELD, HistoryFilter, from_query_args, to_query_args
from portal.exports.history.pages import (
    COUNT_LIMIT,
    SEARCH_LIMIT,
    HistoryCounts,
    HistoryPage,
    HistoryQuery,
    count_matches,
    find_page,
    find_page_as_seen,
    find_vehicles,
)
from portal.exports.history.rows import RESENDABLE, HistoryRow, load_row
from portal.exports.problems import find_failed
from portal.extensions import db
from portal.models import Activation, Run, Transfer
from portal.models.exports import ActivationState, AppKind, TransferState
from portal.models.listing_conditions import MOST_COUNTED
from portal.web import access, audit
from portal.web.downloads import csv_download
from portal.web.responses import fragment, go


@blueprint.get("/apps/<uuid:activation_id>")
@access.dealer("view")
def page(activation_id: UUID) -> ResponseReturnValue:
    activation = access.load_activation(activation_id, joinedload(Activation.location))
    if activation.kind == AppKind.FILE:
        return file_pages.history_page(activation)
    view = load_view(activation, request.args)
    if not fragment():
        return render_template("history/page.html", view=view, tab="history", **app_head(activation))
    response = make_response(render_template("history/_table.html", view=view))
    if "refresh" not in request.args:
        response.headers["HX-Push-Url"] = view.here()
    return response


@blueprint.get("/apps/<uuid:activation_id>/history.csv")
@access.dealer("view")
def csv(activation_id: UUID) -> Response:
    """Everything that the filter lets through, not only the page that is shown."""
    activation = access.load_activation(activation_id)
    query = load_query(load_filter_context(activation), request.args)
    rows = download.lines(db.engine, query, download.words())
    return csv_download(f"exporthistorie-{activation.customer_number}.csv", download.header(), rows)


@blueprint.get("/apps/<uuid:activation_id>/history/<uuid:transfer_id>")
@access.dealer("view")
def transfer(activation_id: UUID, transfer_id: UUID) -> ResponseReturnValue:
    """A row, opened in place or closed again; as a page of its own without script."""
    activation = access.load_activation(activation_id)
    found = access.load_transfer(activation, transfer_id)
    row = load_row(db.session(), found.id)
    if fragment():
        closed = request.args.get("row") == "closed"
        return render_template(
            "history/_row.html", rows=[row], opened={} if closed else {row.id: found}, activation=activation
        )
    return render_template("history/transfer.html", activation=activation, row=row, transfer=found)


@blueprint.post("/apps/<uuid:activation_id>/history/<uuid:transfer_id>/resend")
@access.dealer("edit_vehicles")
def resend(activation_id: UUID, transfer_id: UUID) -> ResponseReturnValue:
    activation = access.load_activation(activation_id)
    found = access.load_transfer(activation, transfer_id)
    if found.state not in RESENDABLE:
        abort(409)
    number = found.vehicle.offer_number
    queued = send_again(db.session(), [(activation.id, found.vehicle_id)])
    if queued:
        audit.log_vehicle("vehicle.resent", found.vehicle, activation, app=activation.app)
    db.session.commit()
    if queued and activation.state == ActivationState.LOCKED:
        text = _("Fahrzeug %(number)s wird erneut gesendet, sobald die Sperre aufgehoben ist.", number=number)
        flash(text, "success")
    elif queued:
        flash(_("Fahrzeug %(number)s wird erneut gesendet.", number=number), "success")
    else:
        flash(
            _("Für Fahrzeug %(number)s ist hier nichts zu senden: Es ist nicht freigegeben.", number=number)
        )
    return go(url_for("history.page", activation_id=activation.id, result="all", search=number))


@blueprint.post("/apps/<uuid:activation_id>/history/resend-failed")
@access.dealer("edit_vehicles")
def resend_failed(activation_id: UUID) -> ResponseReturnValue:
    """Everything that could not be delivered to this account; what worked is not repeated."""
    activation = access.load_activation(activation_id)
    queued = send_again(db.session(), find_failed(db.session(), activation.id))
    if queued:
        audit.log_activation("vehicle.resent", activation, vehicles=queued)
    db.session.commit()
    if queued:
        flash(
            ngettext(
                "%(num)d Fahrzeug wird erneut gesendet.", "%(num)d Fahrzeuge werden erneut gesendet.", queued
            ),
            "success",
        )
    else:
        flash(_("Es gibt nichts erneut zu senden."))
    return go(url_for("history.page", activation_id=activation.id, result="all"))


# Everything the history page shows, gathered in a fixed number of queries.


SOON, LATER = 2, 30
"""Seconds between two looks: while something is on its way, and while everything has to wait."""
MOST_OPENED = 20
"""Rows that stay open when the table is drawn again."""


@dataclass(frozen=True)
class HistoryView:
    around: FilterContext
    query: HistoryQuery
    page: HistoryPage
    counts: HistoryCounts
    opened: Mapping[UUID, Transfer]
    run: Run | None = None
    """The full transfer that is filtered to."""
    arrived: int = 0
    """Rows that came since the reader looked: they are told, and do not push the others away."""
    most_vehicles: int = SEARCH_LIMIT

    @property
    def filter(self) -> HistoryFilter:
        return self.query.filter

    @property
    def activation(self) -> Activation:
        return self.around.activation

    @property
    def rows(self) -> Sequence[HistoryRow]:
        return self.page.rows

    @property
    def failed(self) -> int:
        return self.counts.failed

    @property
    def days(self) -> int:
        return history_days()

    @property
    def matched(self) -> str:
        return spell_count(self.counts.matched)

    @property
    def total(self) -> str:
        return spell_count(self.counts.total)

    @property
    def searched_too_widely(self) -> bool:
        return len(self.query.vehicle_ids or ()) > SEARCH_LIMIT

    @property
    def nothing_found(self) -> bool:
        """The search means no vehicle at all."""
        return self.query.vehicle_ids == ()

    @property
    def refresh_seconds(self) -> int | None:
        """When the table should look again; an older page, whose rows are over, never does."""
        open_rows = [row for row in self.rows if row.open]
        if not open_rows:
            return None if self.newer_url else LATER
        halted = self.activation.state in (ActivationState.STOPPED, ActivationState.RECONCILING)
        return LATER if halted or all(map(self._has_to_wait, open_rows)) else SOON

    def _has_to_wait(self, row: HistoryRow) -> bool:
        if row.shown == HELD:
            return True
        waits = row.state == TransferState.WAITING
        return waits and row.not_before is not None and row.not_before > self.query.now

    @property
    def arrived_text(self) -> str:
        if self.arrived > self.filter.rows:
            return _("Mehr als %(number)s neue Übertragungen", number=self.filter.rows)
        return ngettext("%(num)d neue Übertragung", "%(num)d neue Übertragungen", self.arrived)

    @property
    def refresh_url(self) -> str:
        """This very page as it is by now; the newest one with its rows of before, and word of new ones."""
        first_page = self.filter.before is None and self.filter.after is None
        seen = {"seen": str(self.rows[0].id)} if self.rows and first_page else {}
        return self.here(refresh="1", **seen)

    @property
    def failed_text(self) -> str:
        known = format_decimal(self.failed)
        return _("mehr als %(number)s", number=known) if self.failed == MOST_COUNTED else known

    def url(self, **changed: object) -> str:
        """The page with another filter, from its beginning; with `before` or `after` another page."""
        return self._url("history.page", to_query_args(self.filter, **changed))

    def here(self, **more: str) -> str:
        """This very page."""
        at = {"before": self.filter.before, "after": self.filter.after}
        return self._url("history.page", to_query_args(self.filter, **at) | more)

    @property
    def newer_url(self) -> str | None:
        return self.url(after=self.page.newer) if self.page.newer else None

    @property
    def older_url(self) -> str | None:
        return self.url(before=self.page.older) if self.page.older else None

    @property
    def bare_url(self) -> str:
        """Only the period, nothing else chosen."""
        return self._url("history.page", to_query_args(replace(DEFAULT_FILTER, period=self.filter.period)))

    @property
    def csv_url(self) -> str:
        return self._url("history.csv", to_query_args(self.filter, rows=DEFAULT_FILTER.rows))

    def _url(self, endpoint: str, arguments: Mapping[str, str]) -> str:
        values: dict[str, Any] = {"activation_id": self.activation.id, **arguments}
        return url_for(endpoint, **values)


def load_view(activation: Activation, args: MultiDict[str, str]) -> HistoryView:
    session, around = db.session(), load_filter_context(activation)
    query = load_query(around, args)
    seen = args.get("seen", type=UUID)
    if seen is None or query.filter.before or query.filter.after:
        page, arrived = find_page(session, query), 0
    else:
        page, arrived = find_page_as_seen(session, query, seen)
    open_keys = args.getlist("open")[:MOST_OPENED]
    open_ids = [row.id for row in page.rows if str(row.id) in open_keys]
    opened = session.scalars(select(Transfer).where(Transfer.id.in_(open_ids))).all() if open_ids else ()
    run = None
    if query.filter.run is not None:
        mine = (Run.id == query.filter.run, Run.activation_id.in_(query.scope.activation_ids))
        run = session.scalars(select(Run).where(*mine)).one_or_none()
    return HistoryView(
        around,
        query,
        page,
        counts=count_matches(session, query, activation.id),
        opened={transfer.id: transfer for transfer in opened},
        run=run,
        arrived=arrived,
    )


def load_query(around: FilterContext, args: Mapping[str, str]) -> HistoryQuery:
    wanted = from_query_args(args, around.choices)
    scope = around.scope(wanted)
    vehicle_ids = None
    if wanted.search:
        vehicle_ids = find_vehicles(db.session(), around.activation.dealer_id, wanted.search)
    return HistoryQuery(wanted, scope, datetime.now(UTC), vehicle_ids)


def spell_count(number: int) -> str:
    if number > COUNT_LIMIT:
        return _("mehr als %(number)s", number=format_decimal(COUNT_LIMIT))
    return format_decimal(number)
