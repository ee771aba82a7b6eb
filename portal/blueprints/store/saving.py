"""From the filled-in form to an activation or a draft: the check repeated, then the effects."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from flask import flash, url_for
from flask_babel import gettext as _
from sqlalchemy import exists, select

from portal.blueprints.store import secrets
from portal.blueprints.store.checking import check_customer
from portal.blueprints.store.form import Entries, field_of_type
from portal.blueprints.store.trial import unconfirmed
from portal.exports.lifecycle import activation as life
from portal.exports.lifecycle import customer_numbers
from portal.extensions import db
from portal.models import Activation
from portal.people.plan_limits import against_another_app
from portal.platforms import get_app
from portal.platforms.contract import CustomerCheck, ExportApp
from portal.vehicles.export_limit import left_out
from portal.vehicles.release import find_without_room, lock_dealer
from portal.web import audit
from portal.web.access import current_dealer, current_realm
from portal.web.wording import translated

NO_DRAFT = ("ok", "unknown")


@dataclass(frozen=True)
class Refusal:
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


def activate(app: ExportApp, entries: Entries, draft: Activation | None = None) -> Activation | Refusal:
    """Ask the platform once more; only an account that may be used is activated, under the number
    that the platform has for it. A draft for another spelling of that number has served its purpose."""
    check = check_customer(app.slug, entries.customer_number)
    if check.status != "ok" or check.account is None:
        return Refusal(_with_error(app, entries, translated(check.text)), check)
    if errors := unconfirmed(app, entries, draft):
        return Refusal(replace(entries, errors={**entries.errors, **errors}))
    wish = replace(_wish(app, entries), customer_number=check.account.customer_number)
    if refusal := _not_possible(app, entries, wish):
        return refusal
    try:
        activation = life.activate(db.session(), wish, check.account)
        secrets.keep(activation, entries)
        if draft is not None and draft.id != activation.id:
            life.discard_draft(db.session(), draft)
    except life.NumberInUse as taken:
        return _taken(app, entries, taken)
    except customer_numbers.NotBound:  # released while the form was filled in
        db.session.rollback()
        check = check_customer(app.slug, entries.customer_number)
        return Refusal(_with_error(app, entries, check.text), check)
    audit.log_activation("activation.activated", activation)
    db.session.commit()
    flash(_said(app), "success")
    if missing := left_out(len(find_without_room(db.session(), wish.dealer_id, activation=activation))):
        flash(translated(missing), "warning")
    return activation


def _not_possible(app: ExportApp, entries: Entries, wish: life.ActivationRequest) -> Refusal | None:
    """The number belongs to a location of others, or the plan has no further app. Two at once wait here."""
    if elsewhere := _elsewhere(app, entries, wish):
        return elsewhere
    owner = current_dealer()
    if owner.max_active_apps is None:
        return None
    lock_dealer(db.session(), owner)
    full = against_another_app(db.session(), owner, wish.app, wish.customer_number)
    return Refusal(_with_error(app, entries, translated(full)), plan_is_full=True) if full else None


def _elsewhere(app: ExportApp, entries: Entries, wish: life.ActivationRequest) -> Refusal | None:
    """A user of some locations must not take up an activation of another one."""
    same = (
        Activation.dealer_id == wish.dealer_id,
        Activation.app == wish.app,
        Activation.customer_number == wish.customer_number,
    )
    if not current_realm().limited or not db.session.scalar(
        select(exists().where(*same, ~current_realm().of(Activation)))
    ):
        return None
    text = _("Diese Kundennummer wird an einem anderen Standort verwendet.")
    return Refusal(_with_error(app, entries, text))


def _said(app: ExportApp) -> str:
    if app.reconciles:
        return _(
            "%(app)s ist aktiviert. Ihr Bestand wird zuerst mit dem der Plattform abgeglichen.",
            app=translated(app.name),
        )
    if app.kind == "file":
        return _("%(app)s ist aktiviert. Die erste Datei wird jetzt erstellt.", app=translated(app.name))
    return _("%(app)s ist aktiviert. Ihre Fahrzeuge werden jetzt übertragen.", app=translated(app.name))


def save_draft(app: ExportApp, entries: Entries) -> Activation | Refusal:
    check = check_customer(app.slug, entries.customer_number)
    if check.status == "unknown":
        return Refusal(_with_error(app, entries, translated(check.text)), check)
    wish = _wish(app, entries)
    if elsewhere := _elsewhere(app, entries, wish):
        return elsewhere
    try:
        activation = life.save_draft(db.session(), wish)
        secrets.keep(activation, entries)
    except life.NumberInUse as taken:
        return _taken(app, entries, taken)
    audit.log_activation("activation.draft_saved", activation)
    db.session.commit()
    flash(_("Der Entwurf ist gespeichert. Es wird noch nichts übertragen."), "success")
    return activation


def address(activation: Activation) -> str:
    """Where a dealer sees what became of his form."""
    endpoint = "activations.settings" if activation.state == "draft" else "history.page"
    return url_for(endpoint, activation_id=activation.id)


def _wish(app: ExportApp, entries: Entries) -> life.ActivationRequest:
    if entries.location_id is None:
        raise ValueError("a form without a location is refused before")
    return life.ActivationRequest(
        dealer_id=current_dealer().id,
        app=app.slug,
        customer_number=entries.customer_number,
        location_id=entries.location_id,
        settings=entries.settings,
    )


def _taken(app: ExportApp, entries: Entries, taken: life.NumberInUse) -> Refusal:
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
    return Refusal(_with_error(app, entries, text), own=taken.own)


def _with_error(app: ExportApp, entries: Entries, text: str) -> Entries:
    return replace(entries, errors={field_of_type(app, "customer_number"): text, **entries.errors})
