"""The list of webhooks, and the page of one with what was sent. A secret is shown where it was made, once."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import Response, abort, current_app, flash, make_response, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from portal.blueprints.webhooks import blueprint
from portal.blueprints.webhooks.forms import NewWebhookForm, WebhookForm
from portal.extensions import db, limiter
from portal.models import WebhookEndpoint, WebhookMessage
from portal.models.webhooks import RIGHTS_BEHIND
from portal.vehicles.release import lock_dealer
from portal.web.access import current_dealer, dealer, load_webhook, may, who
from portal.web.responses import fragment, go
from portal.webhooks import endpoints
from portal.webhooks.messages import EVENTS, message_name

MOST_WEBHOOKS, SHOWN_MESSAGES = 10, 50


@blueprint.get("/settings/webhooks")
@dealer("settings")
def listed() -> Response:
    return _list_page(NewWebhookForm())


@blueprint.post("/settings/webhooks")
@dealer("settings")
def create() -> Response:
    """The answer shows the secret."""
    form = NewWebhookForm()
    if form.validate():
        lock_dealer(db.session(), current_dealer())  # of many who ask at once for the last one, one gets it
        mine = select(func.count()).where(WebhookEndpoint.dealer_id == current_dealer().id)
        if (db.session.scalar(mine) or 0) >= MOST_WEBHOOKS:
            text = _("Sie haben schon %(n)s Webhooks. Löschen Sie erst einen.", n=MOST_WEBHOOKS)
            form.refuse("name", text)
        if not all(may(right) for right in RIGHTS_BEHIND):
            text = _("Ein Webhook erzählt, was Sie sehen dürfen. Dafür fehlt Ihnen ein Recht.")
            form.refuse("name", text)
    if form.messages:
        return _list_page(form)
    chosen = {"name": form.name.data, "url": form.url.data, "events": form.events.data}
    vault = current_app.extensions["vault"]
    endpoint, secret = endpoints.create(db.session(), vault, who(), current_user, **chosen)
    db.session.commit()
    return _page(endpoint, secret=secret)


@blueprint.get("/settings/webhooks/<uuid:webhook_id>")
@dealer("settings")
def shown(webhook_id: UUID) -> Response:
    endpoint = load_webhook(webhook_id, joinedload(WebhookEndpoint.maker))
    if fragment():
        return make_response(
            render_template("webhooks/_messages.html", endpoint=endpoint, messages=_latest(endpoint))
        )
    return _page(endpoint)


@blueprint.post("/settings/webhooks/<uuid:webhook_id>")
@dealer("settings")
def save(webhook_id: UUID) -> Response:
    endpoint, form = load_webhook(webhook_id), WebhookForm()
    if not form.validate():
        return _page(endpoint, form)
    endpoints.change(db.session(), who(), endpoint, name=form.name.data, events=form.events.data)
    return _done(endpoint, _("Gespeichert."))


@blueprint.post("/settings/webhooks/<uuid:webhook_id>/secret")
@dealer("settings")
def renew_secret(webhook_id: UUID) -> Response:
    """The answer shows the new one."""
    endpoint = load_webhook(webhook_id)
    secret = endpoints.rotate(db.session(), current_app.extensions["vault"], who(), endpoint)
    db.session.commit()
    return _page(endpoint, secret=secret)


@blueprint.post("/settings/webhooks/<uuid:webhook_id>/off")
@dealer("settings")
def switch_off(webhook_id: UUID) -> Response:
    endpoint = load_webhook(webhook_id)
    endpoints.switch_off(db.session(), who(), endpoint)
    return _done(endpoint, _("Der Webhook ist abgeschaltet. Was wartete, wird nicht mehr gesendet."))


@blueprint.post("/settings/webhooks/<uuid:webhook_id>/on")
@dealer("settings")
def switch_on(webhook_id: UUID) -> Response:
    endpoint = load_webhook(webhook_id)
    endpoints.switch_on(db.session(), who(), endpoint, current_user)
    return _done(endpoint, _("Der Webhook ist eingeschaltet. Von jetzt an wird ihm erzählt, was geschieht."))


@blueprint.post("/settings/webhooks/<uuid:webhook_id>/delete")
@dealer("settings")
def remove(webhook_id: UUID) -> Response:
    endpoint = load_webhook(webhook_id)
    endpoints.remove(db.session(), who(), endpoint)
    db.session.commit()
    flash(_("Der Webhook „%(name)s“ ist gelöscht.", name=endpoint.name), "success")
    return go(url_for("webhooks.listed"))


@blueprint.post("/settings/webhooks/<uuid:webhook_id>/test")
@dealer("settings")
@limiter.limit("20 per minute")
def send_test(webhook_id: UUID) -> Response:
    endpoint = load_webhook(webhook_id)
    if endpoint.disabled_at is not None:
        return _off(endpoint)
    endpoints.send_test(db.session(), endpoint)
    return _done(endpoint, _("Ein Testereignis ist unterwegs. Unten sehen Sie, was der Empfänger antwortet."))


@blueprint.post("/settings/webhooks/<uuid:webhook_id>/messages/<uuid:message_id>")
@dealer("settings")
@limiter.limit("60 per minute")
def resend(webhook_id: UUID, message_id: UUID) -> Response:
    endpoint = load_webhook(webhook_id)
    mine = WebhookMessage.id == message_id, WebhookMessage.endpoint_id == endpoint.id
    message = db.session.scalars(select(WebhookMessage).where(*mine)).one_or_none() or abort(404)
    if endpoint.disabled_at is not None:
        return _off(endpoint)
    endpoints.resend(endpoint, message)
    return _done(endpoint, _("Das Ereignis wird noch einmal gesendet."))


def _off(endpoint: WebhookEndpoint) -> Response:
    flash(_("Der Webhook ist abgeschaltet. Schalten Sie ihn ein, bevor Sie etwas senden."), "error")
    return go(url_for("webhooks.shown", webhook_id=endpoint.id))


def _done(endpoint: WebhookEndpoint, text: str) -> Response:
    db.session.commit()
    flash(text, "success")
    return go(url_for("webhooks.shown", webhook_id=endpoint.id))


def _list_page(form: NewWebhookForm) -> Response:
    mine = select(WebhookEndpoint).where(WebhookEndpoint.dealer_id == current_dealer().id)
    found = mine.options(joinedload(WebhookEndpoint.maker)).order_by(WebhookEndpoint.id)
    page = render_template(
        "webhooks/list.html",
        endpoints=db.session.scalars(found).all(),
        form=form,
        errors=form.messages,
        events=tuple(EVENTS),
    )
    return make_response(page, 422 if form.messages else 200)


def _page(endpoint: WebhookEndpoint, form: WebhookForm | None = None, secret: str = "") -> Response:
    shown_form = form or WebhookForm(endpoint)
    if secret:  # what was sent was another form
        shown_form.name.data, shown_form.events.data = endpoint.name, endpoint.events
    page = render_template(
        "webhooks/page.html",
        endpoint=endpoint,
        form=shown_form,
        errors=form.messages if form else {},
        events=tuple(EVENTS),
        messages=_latest(endpoint),
        secret=secret,
    )
    answer = make_response(page, 422 if form else 200)
    if secret:
        answer.headers["Cache-Control"] = "no-store"
    return answer


def _latest(endpoint: WebhookEndpoint) -> Sequence[WebhookMessage]:
    mine = select(WebhookMessage).where(WebhookMessage.endpoint_id == endpoint.id)
    return db.session.scalars(mine.order_by(WebhookMessage.id.desc()).limit(SHOWN_MESSAGES)).all()


blueprint.record_once(lambda state: state.app.jinja_env.globals.update(webhook_message_name=message_name))
