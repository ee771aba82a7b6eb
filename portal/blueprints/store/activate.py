"""Activating an app: its form, read and checked again, to an activation or a draft."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Response, abort, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from portal.blueprints.store import blueprint, form, saving
from portal.blueprints.store.checking import check_customer
from portal.blueprints.store.page import find_app
from portal.blueprints.store.previewing import build
from portal.blueprints.store.trial import try_out
from portal.exports.lifecycle import customer_numbers
from portal.extensions import db, limiter
from portal.models import Activation, Location
from portal.models.exports import ActivationState
from portal.platforms.contract import ExportApp
from portal.web.access import current_dealer, current_realm, dealer, who
from portal.web.answers import go


@blueprint.get("/appstore/<slug>/activate")
@dealer("activate_apps")
def activate(slug: str) -> Response:
    app = _activatable(slug)
    if app.composed:
        return go(url_for("configurator.new"))
    return _form(app, form.blank(app, _locations()))


@blueprint.post("/appstore/<slug>/activate")
@dealer("activate_apps")
def save(slug: str) -> Response:
    app = _activatable(slug)
    entries = form.read(app, request.form, _locations())
    if request.form.get("do") == "test":
        return _form(app, entries, trial=try_out(app, entries))
    if entries.errors:
        return _form(app, entries, 422)
    if request.form.get("do") == "preview":
        return _form(app, entries, shown=build(app, entries, _former(app, entries)))
    done = (
        saving.save_draft(app, entries)
        if request.form.get("do") == "draft"
        else saving.activate(app, entries)
    )
    if isinstance(done, saving.Refusal):
        return _form(
            app, done.entries, 422, check=done.check, own=done.own, draft_possible=done.draft_possible
        )
    return go(saving.address(done))


@blueprint.get("/appstore/<slug>/check-customer")
@dealer("activate_apps")
@limiter.limit("90 per minute")
def check(slug: str) -> str:
    """The live check beside the number; what it says is asked again before anything is saved."""
    app = _activatable(slug)
    number = form.clean_number(request.args.get(form.field_of_type(app, "customer_number"), ""))
    found = check_customer(slug, number) if number and app.connect else None
    return render_template("store/_check.html", check=found, app=app, number=number)


@blueprint.post("/appstore/<slug>/request-number")
@dealer("activate_apps")
@limiter.limit("30 per hour")
def request_number(slug: str) -> Response:
    """Ask the operator to vouch for a number; what was filled in meanwhile stays in the form."""
    app = _activatable(slug)
    entries = form.read(app, request.form, _locations())
    number = form.clean_number(request.form.get("number", "")) or entries.customer_number
    try:
        if number:
            customer_numbers.request_number(db.session(), who(), current_dealer().id, app.platform, number)
            db.session.commit()
            flash(
                _(
                    "Der Betreiber ist um die Freischaltung von %(number)s gebeten. "
                    "Danach können Sie die App aktivieren.",
                    number=number,
                ),
                "success",
            )
    except customer_numbers.TooManyRequests:
        db.session.rollback()
        flash(_("Es sind schon zu viele Nummern angefragt. Bitte wenden Sie sich an den Betreiber."), "error")
    return _form(app, replace(entries, customer_number=number, errors={}))


@blueprint.post("/appstore/<slug>/test-connection")
@dealer("activate_apps")
@limiter.limit("20 per minute")
def test_connection(slug: str) -> str:
    app = _activatable(slug)
    entries = form.read(app, request.form, _locations())
    return render_template("store/_trial.html", app=app, entries=entries, trial=try_out(app, entries))


@blueprint.post("/appstore/<slug>/preview")
@dealer("activate_apps")
def preview(slug: str) -> str:
    app = _activatable(slug)
    entries = form.read(app, request.form, _locations())
    return render_template(
        "store/_preview.html",
        app=app,
        shown=build(app, entries, _former(app, entries)),
        preview_url=url_for("store.preview", slug=slug),
    )


def _activatable(slug: str) -> ExportApp:
    """404 for an app that is only shown, because another one reaches its platform too."""
    app = find_app(slug)
    return abort(404) if app.included_in else app


def _locations() -> list[Location]:
    statement = select(Location).where(current_realm().of(Location)).order_by(Location.code)
    return list(db.session.scalars(statement))


def _former(app: ExportApp, entries: form.Entries) -> Activation | None:
    """An earlier activation for the same number, which would be taken up again."""
    statement = select(Activation).where(
        current_realm().of(Activation),
        Activation.app == app.slug,
        Activation.customer_number == entries.customer_number,
        Activation.state.in_((ActivationState.DRAFT, ActivationState.DEACTIVATED)),
    )
    return db.session.scalar(statement)


def _form(app: ExportApp, entries: form.Entries, status: int = 200, **more: Any) -> Response:
    page = render_template(
        "store/activate.html",
        app=app,
        entries=entries,
        locations=_locations(),
        editable=True,
        preview_url=url_for("store.preview", slug=app.slug),
        trial_url=url_for("store.test_connection", slug=app.slug),
        **more,
    )
    return make_response(page, status)
