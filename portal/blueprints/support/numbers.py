"""Customer numbers: what dealers ask for, what the operator vouches for, and the history of each number."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import Response, abort, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.blueprints.store.forms import clean_number
from portal.blueprints.store.live_checks import master_data
from portal.blueprints.support import blueprint
from portal.exports.lifecycle import activation as life
from portal.exports.lifecycle import customer_numbers
from portal.extensions import db
from portal.messages import Wording
from portal.models import CustomerNumber, Dealer
from portal.platforms import APPS
from portal.web.access import support, who
from portal.web.responses import go

MOST = 50
"""Bound numbers on the page; the search finds the others."""


@blueprint.get("/support/numbers")
@support
def numbers() -> str:
    return _page(" ".join(request.args.get("q", "").replace("\0", "").split())[:100])


@blueprint.post("/support/numbers")
@support
def bind_number() -> Response:
    """Vouch for a number that nobody asked for here: the dealer did so on paper."""
    platform, number = request.form.get("platform", ""), clean_number(request.form.get("number", ""))
    key = request.form.get("dealer", "").strip()
    dealer = db.session.scalar(select(Dealer).where(Dealer.key == key.replace("\0", "")))
    errors = {}
    if platform not in platforms():
        errors["platform"] = _("Bitte wählen Sie eine Plattform.")
    if not number:
        errors["number"] = _("Bitte geben Sie die Kundennummer an.")
    if dealer is None:
        errors["dealer"] = _("Es gibt keinen Händler mit diesem Schlüssel.")
    if errors or dealer is None:
        return make_response(_page("", errors), 422)
    return _bind(dealer, platform, number)


@blueprint.get("/support/numbers/<uuid:number_id>")
@support
def number(number_id: UUID) -> str:
    """A number with what the platform says of its company beside what the dealer is called here."""
    row = _number(number_id)
    account = master_data(row.platform, row.number)
    return render_template(
        "support/number.html",
        row=row,
        account=account,
        history=customer_numbers.history_of(db.session(), row.platform, row.number),
        platforms=platforms(),
    )


@blueprint.post("/support/numbers/<uuid:number_id>/bind")
@support
def approve_number(number_id: UUID) -> Response:
    row = _number(number_id)
    return _bind(row.dealer, row.platform, row.number)


@blueprint.post("/support/numbers/<uuid:number_id>/refuse")
@support
def refuse_number(number_id: UUID) -> Response:
    if customer_numbers.refuse_number(db.session(), who(), _number(number_id)):
        flash(_("Die Anfrage ist abgelehnt."), "success")
    else:
        flash(_("Die Anfrage ist inzwischen entschieden."))
    db.session.commit()
    return go(url_for("support.numbers"))


@blueprint.post("/support/numbers/<uuid:number_id>/release")
@support
def release_number(number_id: UUID) -> Response:
    """The number belongs to nobody again; what is served under it stops at once."""
    if life.release_number(db.session(), who(), _number(number_id)):
        flash(
            _("Die Nummer ist niemandem mehr zugeordnet. Was damit übertragen wurde, ist angehalten."),
            "success",
        )
    else:
        flash(_("Die Nummer war schon freigegeben."))
    db.session.commit()
    return go(url_for("support.numbers"))


def platforms() -> dict[str, Wording]:
    """Slug and name of each platform that gives its dealers numbers."""
    return {
        app.platform: APPS[app.platform].name if app.platform in APPS else app.name
        for app in APPS.values()
        if customer_numbers.has_owner(app)
    }


def _bind(dealer: Dealer, platform: str, number: str) -> Response:
    try:
        customer_numbers.bind_number(db.session(), who(), dealer.id, platform, number, "operator")
    except customer_numbers.BoundElsewhere:
        db.session.rollback()
        flash(
            _("%(number)s gehört einem anderen Händler. Geben Sie sie dort zuerst frei.", number=number),
            "error",
        )
        return go(url_for("support.numbers", q=number))
    name = dealer.name
    db.session.commit()
    flash(_("%(number)s ist für %(dealer)s freigeschaltet.", number=number, dealer=name), "success")
    return go(url_for("support.numbers"))


def _number(number_id: UUID) -> CustomerNumber:
    statement = select(CustomerNumber).where(CustomerNumber.id == number_id)
    return db.session.scalar(statement.options(joinedload(CustomerNumber.dealer))) or abort(404)


def _page(text: str, errors: dict[str, str] | None = None) -> str:
    requested: Sequence[CustomerNumber] = customer_numbers.open_requests(db.session())
    return render_template(
        "support/numbers.html",
        text=text,
        requested=requested,
        bound=customer_numbers.find_bound(db.session(), text, MOST),
        platforms=platforms(),
        errors=errors or {},
        given=request.form,
    )
