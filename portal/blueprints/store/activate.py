"""Activating an app: its form, read and checked again, to an activation or a draft."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask import Response, abort, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import exists, select

from portal.blueprints.store import blueprint, forms
from portal.blueprints.store.catalogue import find_app
from portal.blueprints.store.forms import Entries, field_of_type
from portal.blueprints.store.live_checks import build_preview, check_customer, try_out, unconfirmed
from portal.exports.lifecycle import activation as life
from portal.exports.lifecycle import customer_numbers
from portal.extensions import db, limiter
from portal.models import Activation
from portal.models.exports import ActivationState
from portal.people.plan_limits import against_another_app
from portal.platforms import get_app
from portal.platforms.contract import CustomerCheck, ExportApp
from portal.vehicles.export_limit import left_out
from portal.vehicles.release import find_without_room, lock_dealer
from portal.web import audit
from portal.web.access import current_dealer, current_realm, dealer, find_locations, who
from portal.web.responses import fragment, go
from portal.web.wording import translated


@blueprint.get("/appstore/<slug>/activate")
@dealer("activate_apps")
def activate(slug: str) -> Response:
    app = _activatable(slug)
    if app.composed:
        return go(url_for("configurator.new"))
    return _form(app, forms.blank(app, find_locations()))


@blueprint.post("/appstore/<slug>/activate")
@dealer("activate_apps")
def save(slug: str) -> Response:
    app, entries = _filled_in(slug)
    return _form(app, entries, 422) if entries.errors else _answer(app, activate_app(app, entries))


@blueprint.post("/appstore/<slug>/draft")
@dealer("activate_apps")
def draft(slug: str) -> Response:
    """Keep what was filled in until the dealer or the platform has done what comes first."""
    app, entries = _filled_in(slug)
    return _form(app, entries, 422) if entries.errors else _answer(app, save_draft(app, entries))


@blueprint.get("/appstore/<slug>/check-customer")
@dealer("activate_apps")
@limiter.limit("90 per minute")
def check(slug: str) -> str:
    """The live check beside the number; what it says is asked again before anything is saved."""
    app = _activatable(slug)
    number = forms.clean_number(request.args.get(forms.field_of_type(app, "customer_number"), ""))
    found = check_customer(app, number) if number and app.connect else None
    return render_template("store/_check.html", check=found, app=app, number=number)


@blueprint.post("/appstore/<slug>/request-number")
@dealer("activate_apps")
@limiter.limit("30 per hour")
def request_number(slug: str) -> Response:
    """Ask the operator to vouch for a number; what was filled in meanwhile stays in the form."""
    app, entries = _filled_in(slug)
    number = forms.clean_number(request.form.get("number", "")) or entries.customer_number
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
def test_connection(slug: str) -> Response:
    """The part alone to HTMX, the whole form without script."""
    app, entries = _filled_in(slug)
    trial = try_out(app, entries)
    if fragment():
        return make_response(render_template("store/_trial.html", app=app, entries=entries, trial=trial))
    return _form(app, entries, trial=trial)


@blueprint.post("/appstore/<slug>/preview")
@dealer("activate_apps")
def preview(slug: str) -> Response:
    """What activating would send; the part alone to HTMX, the whole form without script."""
    app, entries = _filled_in(slug)
    if entries.errors and not fragment():
        return _form(app, entries, 422)
    # An earlier activation for the same number would be taken up again.
    former = select(Activation).where(
        current_realm().of(Activation),
        Activation.app == app.slug,
        Activation.customer_number == entries.customer_number,
        Activation.state.in_((ActivationState.DRAFT, ActivationState.DEACTIVATED)),
    )
    shown = build_preview(app, entries, db.session.scalar(former), anew="anew" in request.form)
    if not fragment():
        return _form(app, entries, shown=shown)
    here = url_for("store.preview", slug=slug)
    values = {"app": app, "entries": entries, "shown": shown, "preview_url": here}
    return make_response(render_template("store/_preview_answer.html", **values))


def _filled_in(slug: str) -> tuple[ExportApp, Entries]:
    app = _activatable(slug)
    return app, forms.read(app, request.form, find_locations())


def _answer(app: ExportApp, done: Activation | ActivationRefusal) -> Response:
    if isinstance(done, Activation):
        return go(address_of(done))
    return _form(app, done.entries, 422, check=done.check, own=done.own, draft_possible=done.draft_possible)


def _activatable(slug: str) -> ExportApp:
    """404 for an app that is only shown, because another one reaches its platform too."""
    app = find_app(slug)
    return abort(404) if app.included_in else app


def _form(app: ExportApp, entries: forms.Entries, status: int = 200, **more: Any) -> Response:
    page = render_template(
        "store/activate.html",
        app=app,
        entries=entries,
        locations=find_locations(),
        editable=True,
        save_url=url_for("store.save", slug=app.slug),
        draft_url=url_for("store.draft", slug=app.slug),
        preview_url=url_for("store.preview", slug=app.slug),
        trial_url=url_for("store.test_connection", slug=app.slug),
        **more,
    )
    return make_response(page, status)


# From the filled-in form to an activation or a draft: the check repeated, then the effects.


NO_DRAFT = ("ok", "unknown")


@dataclass(frozen=True)
class ActivationRefusal:
    """Why nothing was activated; the entries carry the errors."""

    entries: Entries
    check: CustomerCheck | None = None
    own: UUID | None = None
    """The dealer's own activation that stands in the way."""
    plan_is_full: bool = False

    @property
    def draft_possible(self) -> bool:
        """What the dealer or the platform has to do first may take days: keep what was filled in."""
        return self.plan_is_full or (self.check is not None and self.check.status not in NO_DRAFT)


def activate_app(
    app: ExportApp, entries: Entries, draft: Activation | None = None
) -> Activation | ActivationRefusal:
    """Ask the platform once more; only an account that may be used is activated, under the number
    that the platform has for it. A draft for another spelling of that number has served its purpose."""
    check = check_customer(app, entries.customer_number)
    if check.status != "ok" or check.account is None:
        return ActivationRefusal(_with_error(app, entries, translated(check.text)), check)
    if errors := unconfirmed(app, entries, draft):
        return ActivationRefusal(replace(entries, errors={**entries.errors, **errors}))
    wish = replace(_wish(app, entries), customer_number=check.account.customer_number)
    if refusal := _not_possible(app, entries, wish):
        return refusal
    try:
        activation = life.activate(db.session(), wish, check.account)
        forms.keep_secrets(activation, entries)
        if draft is not None and draft.id != activation.id:
            life.discard_draft(db.session(), draft)
    except life.NumberInUse as taken:
        return _taken(app, entries, taken)
    except customer_numbers.NotBound:  # released while the form was filled in
        db.session.rollback()
        check = check_customer(app, entries.customer_number)
        return ActivationRefusal(_with_error(app, entries, translated(check.text)), check)
    audit.log_activation("activation.activated", activation)
    db.session.commit()
    flash(_said(app), "success")
    if missing := left_out(len(find_without_room(db.session(), wish.dealer_id, activation=activation))):
        flash(translated(missing), "warning")
    return activation


def _not_possible(app: ExportApp, entries: Entries, wish: life.ActivationRequest) -> ActivationRefusal | None:
    """The number belongs to a location of others, or the plan has no further app. Two at once wait here."""
    if elsewhere := _elsewhere(app, entries, wish):
        return elsewhere
    owner = current_dealer()
    if owner.max_active_apps is None:
        return None
    lock_dealer(db.session(), owner)
    full = against_another_app(db.session(), owner, app.slug, wish.customer_number)
    return ActivationRefusal(_with_error(app, entries, translated(full)), plan_is_full=True) if full else None


def _elsewhere(app: ExportApp, entries: Entries, wish: life.ActivationRequest) -> ActivationRefusal | None:
    """A user of some locations must not take up an activation of another one."""
    same = (
        Activation.dealer_id == wish.dealer_id,
        Activation.app == app.slug,
        Activation.customer_number == wish.customer_number,
    )
    if not current_realm().limited or not db.session.scalar(
        select(exists().where(*same, ~current_realm().of(Activation)))
    ):
        return None
    text = _("Diese Kundennummer wird an einem anderen Standort verwendet.")
    return ActivationRefusal(_with_error(app, entries, text))


def _said(app: ExportApp) -> str:
    if app.reconciles:
        return _(
            "%(app)s ist aktiviert. Ihr Bestand wird zuerst mit dem der Plattform abgeglichen.",
            app=translated(app.name),
        )
    if app.kind == "file":
        return _("%(app)s ist aktiviert. Die erste Datei wird jetzt erstellt.", app=translated(app.name))
    return _("%(app)s ist aktiviert. Ihre Fahrzeuge werden jetzt übertragen.", app=translated(app.name))


def save_draft(app: ExportApp, entries: Entries) -> Activation | ActivationRefusal:
    check = check_customer(app, entries.customer_number)
    if check.status == "unknown":
        return ActivationRefusal(_with_error(app, entries, translated(check.text)), check)
    wish = _wish(app, entries)
    if elsewhere := _elsewhere(app, entries, wish):
        return elsewhere
    try:
        activation = life.save_draft(db.session(), wish)
        forms.keep_secrets(activation, entries)
    except life.NumberInUse as taken:
        return _taken(app, entries, taken)
    audit.log_activation("activation.draft_saved", activation)
    db.session.commit()
    flash(_("Der Entwurf ist gespeichert. Es wird noch nichts übertragen."), "success")
    return activation


def address_of(activation: Activation) -> str:
    """Where a dealer sees what became of his form."""
    endpoint = "activations.settings" if activation.state == "draft" else "history.page"
    return url_for(endpoint, activation_id=activation.id)


def _wish(app: ExportApp, entries: Entries) -> life.ActivationRequest:
    if entries.location_id is None:
        raise ValueError("a form without a location is refused before")
    return life.ActivationRequest(
        dealer_id=current_dealer().id,
        app=app,
        customer_number=entries.customer_number,
        location_id=entries.location_id,
        settings=entries.settings,
    )


def _taken(app: ExportApp, entries: Entries, taken: life.NumberInUse) -> ActivationRefusal:
    db.session.rollback()
    if taken.app != app.slug:
        text = _(
            "Diese Kundennummer wird schon mit %(other)s übertragen. Zwei Apps für eine Nummer würden "
            "einander überschreiben: Deaktivieren Sie zuerst die andere.",
            other=translated(get_app(taken.app).name),
        )
    elif taken.own is not None:
        text = _("Für diese Kundennummer haben Sie %(app)s schon aktiviert.", app=translated(app.name))
    else:
        text = _(
            "Diese Kundennummer wird in diesem Portal schon von einem anderen Händler übertragen. "
            "Wenden Sie sich an den Betreiber, wenn das nicht sein kann."
        )
    return ActivationRefusal(_with_error(app, entries, text), own=taken.own)


def _with_error(app: ExportApp, entries: Entries, text: str) -> Entries:
    return replace(entries, errors={field_of_type(app, "customer_number"): text, **entries.errors})
