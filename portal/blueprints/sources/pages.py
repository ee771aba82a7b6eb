"""The list of sources, the form of one, and the page of one with its last pick-ups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Response, abort, current_app, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, undefer

from portal.blueprints.sources import blueprint, forms
from portal.blueprints.sources.forms import SourceEntries
from portal.delivery import test_reading
from portal.exports.stock_files.target import egress_policy
from portal.extensions import db, limiter
from portal.mandate import demand_dealer
from portal.models import StockPickup, StockSource, StockUpload, VehicleImport
from portal.security.vault import Vault
from portal.sources import control
from portal.sources.pickups import KEPT
from portal.sources.settings import DROP_FOLDER, FIELDS, receiver_of, target_of
from portal.vehicles.release import lock_dealer
from portal.web import audit
from portal.web.access import current_dealer, current_locations, current_realm, dealer, load_source, who
from portal.web.responses import UNPROCESSABLE, fragment, go
from portal.web.targets import Trial, chosen_secrets, trial_of


@blueprint.get("/settings/sources")
@dealer("edit_vehicles")
def listed() -> str:
    mine = select(StockSource).where(current_realm().of(StockSource))
    found = mine.options(joinedload(StockSource.location)).order_by(StockSource.name, StockSource.id)
    return render_template("sources/list.html", sources=db.session.scalars(found).all())


@blueprint.get("/settings/sources/new")
@dealer("edit_vehicles")
def new() -> Response:
    return _form(forms.blank(current_locations()))


@blueprint.post("/settings/sources/new")
@dealer("edit_vehicles")
def create() -> Response:
    entries = forms.read(request.form, current_locations())
    errors = dict(entries.errors) | forms.unconfirmed(entries, None)
    if not errors:
        errors = beyond_limits()
    if errors:
        return _form(replace(entries, errors=errors))
    source = control.create(db.session(), _vault(), who(), current_dealer().id, entries.facts({}))
    db.session.commit()
    flash(_("Die Quelle ist angelegt. Mit „Jetzt abholen“ sehen Sie gleich, was ankommt."), "success")
    return go(url_for("sources.shown", source_id=source.id))


def beyond_limits() -> dict[str, str]:
    """Of many who ask at once for the last one, one gets it."""
    lock_dealer(db.session(), current_dealer())
    mine = select(func.count()).where(StockSource.dealer_id == current_dealer().id)
    if (db.session.scalar(mine) or 0) < control.MOST_SOURCES:
        return {}
    return {"name": _("Sie haben schon %(n)s Quellen. Löschen Sie erst eine.", n=control.MOST_SOURCES)}


@blueprint.post("/settings/sources/new/trial")
@dealer("edit_vehicles")
@limiter.limit("20 per minute")
def try_out_new() -> Response:
    """The part alone to HTMX, the whole form without script."""
    return _tried(forms.read(request.form, current_locations()), None)


@blueprint.get("/settings/sources/<uuid:source_id>")
@dealer("edit_vehicles")
def shown(source_id: UUID) -> Response:
    source = load_source(source_id, joinedload(StockSource.location))
    if fragment():
        return make_response(
            render_template("sources/_pickups.html", source=source, pickups=pickups_of(source))
        )
    if _is_drop_folder(source):
        return go(url_for("sources.drop_folder", drop_folder_id=source.id))
    return _page(source, forms.of_source(source, _stored(source)))


@blueprint.post("/settings/sources/<uuid:source_id>")
@dealer("edit_vehicles")
def save(source_id: UUID) -> Response:
    source = _load_fetched(source_id, undefer(StockSource.secrets))
    stored = _stored(source)
    entries = forms.read(request.form, current_locations(), source, stored)
    errors = dict(entries.errors) | forms.unconfirmed(entries, source)
    if errors:
        return _page(source, replace(entries, errors=errors))
    control.change(db.session(), _vault(), who(), source, entries.facts(stored))
    return _done(source, _("Gespeichert."))


@blueprint.post("/settings/sources/<uuid:source_id>/trial")
@dealer("edit_vehicles")
@limiter.limit("20 per minute")
def try_out(source_id: UUID) -> Response:
    source = _load_fetched(source_id, undefer(StockSource.secrets))
    return _tried(forms.read(request.form, current_locations(), source, _stored(source)), source)


@blueprint.post("/settings/sources/<uuid:source_id>/pick-up")
@dealer("edit_vehicles")
@limiter.limit("20 per minute")
def pick_up(source_id: UUID) -> Response:
    source = _load_fetched(source_id)
    control.ask_now(db.session(), who(), source)
    return _done(source, _("Die Datei wird abgeholt. Unten sehen Sie, was daraus wird."))


@blueprint.post("/settings/sources/<uuid:source_id>/delete")
@dealer("edit_vehicles")
def remove(source_id: UUID) -> Response:
    source = load_source(source_id)
    control.remove(db.session(), who(), source)
    db.session.commit()
    flash(_("Die Quelle „%(name)s“ ist gelöscht. Der Bestand bleibt.", name=source.name), "success")
    return go(url_for("sources.listed"))


def _load_fetched(key: UUID, *options: Any) -> StockSource:
    """One whose file the portal fetches."""
    source = load_source(key, *options)
    return abort(404) if _is_drop_folder(source) else source


def _is_drop_folder(source: StockSource) -> bool:
    return source.settings.get("transport") == DROP_FOLDER


def _done(source: StockSource, text: str) -> Response:
    db.session.commit()
    flash(text, "success")
    return go(url_for("sources.shown", source_id=source.id))


def _tried(entries: SourceEntries, source: StockSource | None) -> Response:
    trial = _try_out(entries, source, _stored(source))
    if fragment():
        return make_response(render_template("sources/_trial.html", entries=entries, trial=trial))
    # Not the errors of a form that nobody wanted to save yet.
    shown_entries = replace(entries, errors={})
    if source is None:
        return _form(shown_entries, trial=trial)
    return _page(load_source(source.id, joinedload(StockSource.location)), shown_entries, trial=trial)


def _try_out(entries: SourceEntries, source: StockSource | None, stored: Mapping[str, str]) -> Trial:
    """As a pick-up would do it, with what stands in the form; nothing is written at the server. It is on
    record who had the portal connect to where."""
    demand_dealer(db.session())
    secrets = chosen_secrets(entries.secrets, entries.kept, stored)
    target = target_of(entries.settings, secrets, entries.host_key)
    source_id = source.id if source else None
    # No connection to the database is held while the server is asked.
    db.session.rollback()
    steps = test_reading(target, egress_policy(current_app.extensions["settings"]))
    trial = trial_of(steps, entries.host_key)
    audit.log_action(
        "source.tested",
        source_id,
        entries.name,
        transport=str(entries.settings.get("transport", "")),
        host=receiver_of(entries.settings),
        worked=trial.worked,
    )
    db.session.commit()
    return trial


def _form(entries: SourceEntries, **more: Any) -> Response:
    values = _values(entries, url_for("sources.create"), url_for("sources.try_out_new"))
    page = render_template("sources/new.html", **(values | more))
    return make_response(page, UNPROCESSABLE if entries.errors else 200)


def _page(source: StockSource, entries: SourceEntries, **more: Any) -> Response:
    save_url = url_for("sources.save", source_id=source.id)
    values = _values(entries, save_url, url_for("sources.try_out", source_id=source.id))
    facts = {"source": source, "pickups": pickups_of(source)}
    page = render_template("sources/page.html", **(values | facts | more))
    return make_response(page, UNPROCESSABLE if entries.errors else 200)


def _values(entries: SourceEntries, save_url: str, trial_url: str) -> dict[str, Any]:
    return {
        "entries": entries,
        "fields": FIELDS,
        "locations": current_locations(),
        "save_url": save_url,
        "trial_url": trial_url,
    }


def pickups_of(source: StockSource) -> Sequence[tuple[StockPickup, VehicleImport | None, StockUpload | None]]:
    """The last ones, each with the report of its import, or the file that waits for its columns."""
    mine = (
        select(StockPickup, VehicleImport, StockUpload)
        .outerjoin(VehicleImport, VehicleImport.id == StockPickup.import_id)
        .outerjoin(StockUpload, StockUpload.id == StockPickup.upload_id)
        .where(StockPickup.source_id == source.id)
        .order_by(StockPickup.id.desc())
        .limit(KEPT)
    )
    return [(row[0], row[1], row[2]) for row in db.session.execute(mine)]


def _stored(source: StockSource | None) -> dict[str, str]:
    return control.stored_secrets(_vault(), source)


def _vault() -> Vault:
    vault: Vault = current_app.extensions["vault"]
    return vault
