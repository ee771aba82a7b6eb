"""The page with its tabs, what is decided on it, its end, and the panel on the app's page."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session, joinedload

from portal.blueprints.reconciliation import blueprint, screen
from portal.blueprints.reconciliation.screen import ReconciliationFilter, Tab, sides_of
from portal.exports.reconciliation import control
from portal.exports.reconciliation import finish as reconciliation_finish
from portal.exports.reconciliation.control import FormerPair, read_again
from portal.exports.reconciliation.finish import FinishStatus
from portal.exports.reconciliation.sides import (
    FOR_LISTINGS,
    FOR_VEHICLES,
    MatchDecision,
    SideCounts,
    Sides,
    count_sides,
)
from portal.extensions import db
from portal.models import Activation
from portal.models.exports import ActivationState, RunState
from portal.models.runs import Run
from portal.platforms import get_app
from portal.web import access
from portal.web.access import dealer, load_activation, may
from portal.web.responses import fragment, go
from portal.web.templating import number
from portal.web.undo import before_of_request, flash_too_late, flash_undoable

DECISIONS = (*FOR_VEHICLES, *FOR_LISTINGS)
VERBS = ("same", "different", "separate", "reopen", "pair", *DECISIONS)


@blueprint.get("/apps/<uuid:activation_id>/reconciliation")
@dealer("view")
def page(activation_id: UUID) -> Response:
    return _page(_load(activation_id))


@blueprint.post(f"/apps/<uuid:activation_id>/reconciliation/<any({', '.join(VERBS)}):verb>")
@dealer("activate_apps")
def act(activation_id: UUID, verb: str) -> Response:
    """Decide about one row, what is picked, or all that is open on the tab."""
    activation = _load(activation_id)
    what = read_instruction(verb)
    sides = control.hold_sides(db.session(), activation)
    former = what.about_to_pair(db.session(), sides) if sides and what else []
    said = carry_out(db.session(), sides, what) if sides and what else ""
    db.session.commit()
    if sides is None:
        return _closed(activation)
    if said and former:
        about = [pair.as_json() for pair in former]
        flash_undoable(said, url_for("reconciliation.restore", activation_id=activation.id), pairs=about)
    elif not fragment():
        flash(said or _nothing(what), "success" if said else "info")
    if what and what.verb == "pair" and said:
        began_at = Tab.HERE if request.args.get("tab") == Tab.THERE else Tab.THERE
        return go(_here(activation, tab=began_at))  # where the search for a partner began
    if fragment():
        return _page(activation, said=said or _nothing(what), undoable=bool(said and former))
    return go(_here(activation, tab=request.args.get("tab"), q=request.args.get("q") or None))


FEW_PAIRS = 10
"""Pairs of which a message can say what was before: it travels in a cookie."""


@blueprint.post("/apps/<uuid:activation_id>/reconciliation/restore")
@dealer("activate_apps")
def restore(activation_id: UUID) -> Response:
    """Pairs that were just made are taken apart, where nobody has changed them since."""
    activation = _load(activation_id)
    before = before_of_request()
    sides = control.hold_sides(db.session(), activation)
    if sides is None:
        return _closed(activation)
    former = [FormerPair.from_json(stored) for stored in before["pairs"]] if before else []
    if control.restore_pairs(db.session(), sides, former):
        db.session.commit()
        flash(_("Die Zuordnung ist zurückgenommen."), "success")
    else:
        flash_too_late()
    return go(_here(activation))


@blueprint.get("/apps/<uuid:activation_id>/reconciliation/finish")
@dealer("activate_apps")
def confirm(activation_id: UUID) -> Response:
    """The numbers once more, before they come true."""
    activation = _load(activation_id)
    sides = screen.sides_of(activation)
    if sides is None or not screen.is_open(activation, sides.run):
        return _closed(activation)
    counts = count_sides(db.session(), sides)
    return _still_open(activation, counts) if counts.open else _ask(activation, counts)


@blueprint.post("/apps/<uuid:activation_id>/reconciliation/finish")
@dealer("activate_apps")
def finish(activation_id: UUID) -> Response:
    activation = _load(activation_id)
    shown = request.form.get("shown", "")
    done = reconciliation_finish.finish(db.session(), activation, access.who(), shown)
    if done.how == FinishStatus.CLOSED or done.counts is None:
        db.session.rollback()
        return _closed(activation)
    if done.how == FinishStatus.DONE:
        db.session.commit()
        if activation.state == ActivationState.RECONCILING:
            said = _("Ihre Entscheidungen sind gespeichert, der Abgleich wird jetzt abgeschlossen.")
        else:
            said = _("Der Abgleich ist abgeschlossen. Jetzt wird übertragen.")
        flash(said, "success")
        return go(url_for("history.page", activation_id=activation.id))
    db.session.rollback()
    if done.how == FinishStatus.OPEN:
        return _still_open(activation, done.counts)
    return _ask(
        activation, done.counts, _("Inzwischen hat sich etwas geändert. Bitte prüfen Sie die Zahlen.")
    )


@blueprint.post("/apps/<uuid:activation_id>/reconciliation/read")
@dealer("activate_apps")
def read(activation_id: UUID) -> Response:
    """The dealer has tidied up at the platform: its list is read again."""
    activation = _load(activation_id)
    if control.hold_sides(db.session(), activation) is None:
        db.session.rollback()
        return _closed(activation)
    read_again(db.session(), activation)
    db.session.commit()
    flash(_("Die Liste der Plattform wird neu gelesen. Ihre Entscheidungen bleiben."))
    return go(_here(activation))


def _load(activation_id: UUID) -> Activation:
    return access.load_activation(activation_id, joinedload(Activation.location))


def _here(activation: Activation, tab: str | None = None, q: str | None = None) -> str:
    return url_for("reconciliation.page", activation_id=activation.id, tab=tab, q=q)


def _page(activation: Activation, said: str = "", undoable: bool = False) -> Response:
    wanted = ReconciliationFilter.from_args(request.args)
    if said:
        wanted = ReconciliationFilter(wanted.tab, wanted.text, wanted.before, wanted.after)
    shown = screen.load_screen(activation, wanted, may("activate_apps"))
    if shown is None:
        return make_response(render_template("reconciliation/none.html", app=get_app(activation.app)))
    template = "reconciliation/_lists.html" if fragment() else "reconciliation/page.html"
    values = {"screen": shown, "activation": activation, "app": shown.app}
    return make_response(render_template(template, **values, said=said, undoable=undoable))


def _nothing(what: Instruction | None) -> str:
    return _("Es gab nichts zu ändern.") if what else _("Bitte wählen Sie zuerst Einträge aus.")


def _closed(activation: Activation) -> Response:
    flash(_("Dieser Abgleich ist nicht mehr offen. Es wurde nichts geändert."))
    return go(_here(activation))


def _still_open(activation: Activation, counts: SideCounts) -> Response:
    flash(
        ngettext(
            "1 Eintrag ist noch offen. Bitte entscheiden Sie zuerst darüber.",
            "%(n)s Einträge sind noch offen. Bitte entscheiden Sie zuerst darüber.",
            counts.open,
            n=number(counts.open),
        ),
        "error",
    )
    return go(_here(activation))


def _ask(activation: Activation, counts: SideCounts, error: str = "") -> Response:
    page = render_template(
        "reconciliation/finish.html",
        activation=activation,
        app=get_app(activation.app),
        counts=counts,
        shown=reconciliation_finish.confirmation_key(counts),
        error=error,
    )
    return make_response(page, 409 if error else 200)


# What a form of the page asks to be done: one row by its button, or what is picked, or all of the tab.


LONGEST_LIST = 10_000


@dataclass(frozen=True)
class Instruction:
    """`ids` None: everything that is found on the tab and open."""

    verb: str
    ids: Collection[UUID] | None
    text: str = ""

    def about_to_pair(self, session: Session, sides: Sides) -> list[FormerPair]:
        """None where they are many."""
        pairs: dict[UUID, UUID] = {}
        if self.verb == "same":
            pairs = control.suggested_pairs(session, sides, self.ids, self.text, FEW_PAIRS + 1)
        elif self.verb == "pair" and self.ids is not None and len(self.ids) == 2:
            match_id, vehicle_id = self.ids
            pairs = {match_id: vehicle_id}
        return control.before_pairing(session, sides, pairs) if 0 < len(pairs) <= FEW_PAIRS else []


def read_instruction(verb: str) -> Instruction | None:
    """None when nothing is picked or it makes no sense. A button of one row names it in its address, one
    that makes a pair both its halves."""
    if "one" in request.args:
        keys = request.args.getlist("one", type=UUID)
        return Instruction(verb, keys) if len(keys) == len(request.args.getlist("one")) else None
    if request.form.get("scope") == "all":
        return Instruction(verb, None, request.args.get("q", "").replace("\x00", "").strip())
    keys = request.form.getlist("id", type=UUID)[:LONGEST_LIST]
    return Instruction(verb, keys) if keys else None


def carry_out(session: Session, sides: Sides, what: Instruction) -> str:
    """What to tell; empty when nothing was changed."""
    if what.verb in DECISIONS:
        return _done(control.decide(session, sides, MatchDecision(what.verb), what.ids, what.text))
    if what.verb == "same":
        return _done(control.accept(session, sides, what.ids, what.text))
    if what.verb == "different":
        return _done(control.refuse(session, sides, what.ids, what.text))
    if what.ids is None:
        return ""
    if what.verb == "separate":
        return _done(control.separate(session, sides, what.ids))
    if what.verb == "reopen":
        return _done(control.reopen(session, sides, what.ids))
    if what.verb != "pair" or len(what.ids) != 2:
        return ""
    match_id, vehicle_id = what.ids
    return _("Zugeordnet.") if control.pair(session, sides, match_id, vehicle_id) else ""


def _done(count: int) -> str:
    return (
        ngettext("1 Eintrag geändert.", "%(n)s Einträge geändert.", count, n=number(count)) if count else ""
    )


# The panel on the app's page: where its reconciliation stands.


@dataclass(frozen=True)
class ReconciliationPanel:
    """`counts` only while people are asked."""

    run: Run
    counts: SideCounts | None = None

    @property
    def works(self) -> bool:
        """A worker is at it: the panel looks again by itself."""
        return self.run.state in (RunState.WAITING, RunState.RUNNING) and not self.next_attempt

    @property
    def next_attempt(self) -> datetime | None:
        return self.run.not_before


def load_panel(activation: Activation) -> ReconciliationPanel | None:
    """None where nothing is open; then it costs no query."""
    if activation.state != ActivationState.RECONCILING:
        return None
    sides = sides_of(activation)
    if sides is None:
        return None
    held = sides.run.state == RunState.HELD
    return ReconciliationPanel(sides.run, count_sides(db.session(), sides) if held else None)


@blueprint.get("/apps/<uuid:activation_id>/reconciliation/panel")
@dealer("view")
def panel(activation_id: UUID) -> Response:
    """Asked again while a worker is at it. What comes after changes the whole page."""
    activation = load_activation(activation_id, joinedload(Activation.location))
    found = load_panel(activation)
    if found is not None and found.works:
        return make_response(
            render_template("reconciliation/_panel.html", activation=activation, reconciliation=found)
        )
    answer = make_response("", 200)
    answer.headers["HX-Refresh"] = "true"
    return answer
