"""The list of vehicles, the URL is its state; releasing many of them at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from flask import Response, abort, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Select, func, select
from werkzeug.datastructures import MultiDict

from portal.blueprints.vehicles import blueprint
from portal.blueprints.vehicles.form_cards import KIND
from portal.blueprints.vehicles.head import STANDINGS, cause_text, cost_notice, rows_of
from portal.extensions import db
from portal.messages import Wording
from portal.models import Vehicle
from portal.people.plan_limits import against_exporting
from portal.platforms import APPS
from portal.platforms.contract import PRICE_LABELS
from portal.vehicles.export_limit import count_becoming
from portal.vehicles.publication import count_new, count_present, live_activations
from portal.vehicles.release import locked, set_online
from portal.vehicles.search import (
    LARGEST_COUNT,
    LAST_PAGE,
    PAGE_SIZE,
    VehicleFilter,
    find_vehicles,
    matching_ids,
)
from portal.web import attention, audit
from portal.web.access import current_dealer, current_locations, current_realm, dealer
from portal.web.apps import app_icon, app_name
from portal.web.responses import fragment, go
from portal.web.undo import before_of_request, flash_too_late, flash_undoable
from portal.web.wording import translated


@blueprint.get("/vehicles")
@dealer("view")
def page() -> Response:
    realm = current_realm()
    wanted = VehicleFilter.from_args(request.args)
    found = find_vehicles(db.session(), current_dealer(), realm, wanted)
    activations = live_activations(db.session(), realm)
    rows = rows_of(found, activations)
    html = render_template(
        "vehicles/_results.html" if fragment() else "vehicles/page.html",
        wanted=wanted,
        found=found,
        rows=rows,
        cause=cause_text(rows, wanted.problem, wanted.field) if wanted.problem or wanted.field else None,
        activations=activations,
        locations=current_locations(),
        kinds=KIND.options,
        standings=STANDINGS,
        app_name=app_name,
        app_icon=app_icon,
        price_labels=PRICE_LABELS,
        tells_figures=any(APPS[one.app].figures_at_once for one in activations if one.app in APPS),
        count_limit=LARGEST_COUNT,
        halted=attention.current(realm).halted,
        first=(wanted.page - 1) * PAGE_SIZE + 1,
        newer=_page_url(wanted, wanted.page - 1) if wanted.page > 1 else None,
        older=_page_url(wanted, wanted.page + 1) if found.more and wanted.page < LAST_PAGE else None,
    )
    response = make_response(html)
    if fragment() and "live" not in request.args:
        response.headers["HX-Push-Url"] = _page_url(wanted, wanted.page)
    return response


def _page_url(wanted: VehicleFilter, page: int) -> str:
    return url_for("vehicles.page", **wanted.on_page(page).as_args())  # type: ignore[arg-type]


# Release many vehicles at once, or take the release back: picked ones, a page, all that match.


BULK_CHUNK = 5_000
"""Vehicles changed with one statement."""
FEW_VEHICLES = 20
"""Vehicles of which a message can say which they were: it travels in a cookie."""


@dataclass(frozen=True)
class Selection:
    ids: Select[UUID]
    of_filter: bool = False
    """All that match, on whatever page: only after a look at the number."""

    @classmethod
    def picked(cls, ids: Collection[UUID]) -> Selection:
        """Those of them that are in stock."""
        in_stock = (current_realm().owns(Vehicle), Vehicle.withdrawn_at.is_(None))
        return cls(select(Vehicle.id).where(Vehicle.id.in_(ids), *in_stock))

    @classmethod
    def from_form(cls, form: MultiDict[str, str], wanted: VehicleFilter) -> Selection:
        scopes = form.getlist("scope")
        if "all" in scopes:
            return cls(matching_ids(current_dealer(), current_realm(), wanted), of_filter=True)
        name = "shown" if "page" in scopes else "vehicle"
        try:
            return cls.picked({UUID(value) for value in form.getlist(name)[:PAGE_SIZE]})
        except ValueError:
            abort(400)

    def count(self) -> int:
        return db.session.scalar(select(func.count()).select_from(self.ids.subquery())) or 0

    def must_be_confirmed(self, count: int, online: bool) -> bool:
        """Until the number that was shown is the number there is."""
        if request.form.get("confirmed") == str(count):
            return False
        return self.of_filter or (not online and count_present(db.session(), self.ids) > 0)

    def few_to_change(self, online: bool) -> list[UUID]:
        """Which vehicles are about to be changed, locked; none where they are many."""
        ids = db.session.scalars(self.ids.limit(PAGE_SIZE + 1)).all()
        if len(ids) > PAGE_SIZE:
            return []
        found = list(db.session.scalars(locked(current_dealer().id, ids, Vehicle.online.is_not(online))))
        return found if len(found) <= FEW_VEHICLES else []


@blueprint.post("/vehicles/release")
@dealer("edit_vehicles")
def release() -> Response | str:
    return _switch(online=True)


@blueprint.post("/vehicles/take-back")
@dealer("edit_vehicles")
def take_back() -> Response | str:
    return _switch(online=False)


def _switch(*, online: bool) -> Response | str:
    """Of what is picked, of a page, or of all that match: the last two ask first, with the numbers."""
    wanted = VehicleFilter.from_args(request.form)
    back = url_for("vehicles.page", **wanted.as_args())  # type: ignore[arg-type]
    selection = Selection.from_form(request.form, wanted)
    count = selection.count()
    if not count:
        flash(_("Bitte wählen Sie zuerst Fahrzeuge aus."), "warning")
        return go(back)
    if online and (reason := _no_room(selection.ids)):
        flash(translated(reason), "error")
        return go(back)
    if selection.must_be_confirmed(count, online):
        return _ask(selection, count, online, wanted, back)
    few = selection.few_to_change(online)
    changed = _apply(selection.ids, online)
    db.session.commit()
    said = _said(changed, count, online)
    if changed and few:
        about = {"online": not online, "vehicles": [key.hex for key in few], "wanted": wanted.as_args()}
        flash_undoable(said, url_for("vehicles.restore_release"), **about)
    else:
        flash(said, "success" if changed else "info")
    return go(back)


@blueprint.post("/vehicles/release/restore")
@dealer("edit_vehicles")
def restore_release() -> Response | str:
    """Turn back what was switched, where it still stands so. What would end listings by now asks first."""
    before = before_of_request()
    if before is None:
        flash_too_late()
        return go(url_for("vehicles.page"))
    wanted = VehicleFilter.from_args(before["wanted"])
    back = url_for("vehicles.page", **wanted.as_args())  # type: ignore[arg-type]
    ids, online = [UUID(key) for key in before["vehicles"]], before["online"]
    selection = Selection.picked(ids)
    if online and (reason := _no_room(selection.ids)):
        flash(translated(reason), "error")
        return go(back)
    if not online and count_present(db.session(), selection.ids):
        return _ask(selection, selection.count(), online, wanted, back)
    changed = _apply(selection.ids, online)
    db.session.commit()
    if changed:
        flash(_said(changed, changed, online), "success")
    else:
        flash_too_late()
    return go(back)


def _no_room(ids: Select[UUID]) -> Wording:
    owner = current_dealer()
    if owner.max_exported_vehicles is None:
        return ""
    return against_exporting(db.session(), owner, count_becoming(db.session(), owner.id, ids))


def _ask(selection: Selection, count: int, online: bool, wanted: VehicleFilter, back: str) -> str:
    counted = count_new if online else count_present
    return render_template(
        "vehicles/bulk.html",
        count=count,
        online=online,
        listings=counted(db.session(), selection.ids),
        cost_notice=cost_notice(live_activations(db.session(), current_realm())),
        scope="all" if selection.of_filter else "selected",
        picked=[] if selection.of_filter else db.session.scalars(selection.ids).all(),
        wanted=wanted,
        back=back,
    )


def _apply(selected: Select[UUID], online: bool) -> int:
    ids = db.session.scalars(selected.order_by(Vehicle.id)).all()
    chunks = (ids[start : start + BULK_CHUNK] for start in range(0, len(ids), BULK_CHUNK))
    changed = sum(set_online(db.session(), current_dealer().id, chunk, online) for chunk in chunks)
    if changed:
        audit.log_action("vehicle.released" if online else "vehicle.taken_back", vehicles=changed)
    return changed


def _said(changed: int, count: int, online: bool) -> str:
    if not changed:
        return _("Es war nichts zu ändern: Die Fahrzeuge standen schon so.")
    if online:
        text = ngettext("%(num)d Fahrzeug freigegeben.", "%(num)d Fahrzeuge freigegeben.", changed)
    else:
        text = ngettext(
            "Freigabe von %(num)d Fahrzeug zurückgenommen.",
            "Freigabe von %(num)d Fahrzeugen zurückgenommen.",
            changed,
        )
    rest = count - changed
    more = ngettext("%(num)d stand schon so.", "%(num)d standen schon so.", rest) if rest else ""
    return f"{text} {more}".strip()
