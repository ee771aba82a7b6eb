"""Handlungsbedarf: why vehicles are not online, grouped by cause, and sending again."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from portal.blueprints.problems import blueprint
from portal.blueprints.problems.workbench import is_fixable
from portal.exports.full_transfer.control import resend as send_again
from portal.exports.problems import (
    CauseKey,
    ProblemSource,
    find_causes,
    find_halted,
    find_locked,
    find_refusals,
    find_vanished,
)
from portal.extensions import db
from portal.models.exports import ActivationState, TransferState
from portal.vehicles.known_models import CODES
from portal.web import access, audit
from portal.web.responses import go
from portal.web.states import TRANSFER_STATES, StateText

SHOWN = 200
"""Vehicles listed under one cause."""


@blueprint.get("/problems")
@access.dealer("view")
def page() -> ResponseReturnValue:
    realm = access.current_realm()
    halted = find_halted(db.session(), realm)
    return render_template(
        "problems/page.html",
        causes=find_causes(db.session(), realm),
        stopped=[one for one in halted if one.state == ActivationState.STOPPED],
        locked=find_locked(db.session(), realm),
        reconciling=[one for one in halted if one.state == ActivationState.RECONCILING],
        problem_sources=SOURCES,
        model_codes=CODES,
        is_fixable=is_fixable,
    )


@blueprint.get("/problems/refused")
@access.dealer("view")
def refused() -> ResponseReturnValue:
    """The vehicles behind one cause, each with its last transfer."""
    which = CauseKey.from_args(request.args)
    found = find_refusals(db.session(), access.current_realm(), which, SHOWN + 1)
    return render_template(
        "problems/refused.html", which=which, refusals=found[:SHOWN], more=len(found) > SHOWN
    )


@blueprint.get("/problems/vanished")
@access.dealer("view")
def vanished() -> ResponseReturnValue:
    """The vehicles that a platform does not list any more, each with the way to its listing."""
    found = find_vanished(db.session(), access.current_realm(), SHOWN + 1)
    return render_template("problems/vanished.html", vanished=found[:SHOWN], more=len(found) > SHOWN)


@blueprint.post("/problems/resend")
@access.dealer("edit_vehicles")
def resend() -> ResponseReturnValue:
    """One cause, or without one all of them; only what was rejected or failed."""
    realm = access.current_realm()
    found = find_refusals(db.session(), realm, CauseKey.from_args(request.form))
    queued = send_again(db.session(), [refusal.pair for refusal in found])
    if queued:
        audit.log_action("vehicle.resent", vehicles=queued)
    db.session.commit()
    if queued:
        flash(
            ngettext(
                "%(num)d Fahrzeug wird erneut gesendet.", "%(num)d Fahrzeuge werden erneut gesendet.", queued
            ),
            "success",
        )
    else:
        flash(gettext("Es gibt nichts erneut zu senden."))
    return go(url_for("problems.page"))


# How the sources of problems are named.


SOURCES = {
    ProblemSource.VEHICLE: StateText(
        label=_("nirgends möglich"),
        definition=_("Mit diesen Angaben kann das Fahrzeug auf keiner Plattform erscheinen."),
        colour="red",
        icon="alert-triangle",
    ),
    ProblemSource.PREFLIGHT: StateText(
        label=_("nicht gesendet"),
        definition=_("Vor dem Senden geprüft: Diese Plattform würde das Fahrzeug so ablehnen."),
        colour="orange",
        icon="alert-triangle",
    ),
    ProblemSource.HINT: StateText(
        label=_("Hinweis"),
        definition=_("Wird gesendet. Die Plattform weist bei solchen Angaben auf etwas hin."),
        colour="blue",
        icon="info-circle",
    ),
    ProblemSource.REJECTED: TRANSFER_STATES[TransferState.REJECTED],
    ProblemSource.FAILED: TRANSFER_STATES[TransferState.FAILED],
    ProblemSource.VANISHED: StateText(
        label=_("dort verschwunden"),
        definition=_(
            "Die letzte Bestandsprüfung fand das Inserat nicht mehr. Von selbst wird nichts neu eingestellt."
        ),
        colour="red",
        icon="world-off",
    ),
}
