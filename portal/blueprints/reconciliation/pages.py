"""The page with its tabs, what is decided on it, and the end."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import joinedload

from portal.blueprints.reconciliation import acting, blueprint, screen
from portal.blueprints.reconciliation.screen import Screen
from portal.blueprints.reconciliation.wanted import Tab, Wanted
from portal.exports.reconciliation import control
from portal.exports.reconciliation import finish as reconciliation_finish
from portal.exports.reconciliation.control import read_again
from portal.exports.reconciliation.finish import FinishStatus
from portal.exports.reconciliation.sides import SideCounts, count_sides
from portal.extensions import db
from portal.models import Activation
from portal.platforms import get_app
from portal.web import access
from portal.web.access import dealer, may
from portal.web.answers import fragment, go
from portal.web.templating import number


@blueprint.get("/apps/<uuid:activation_id>/reconciliation")
@dealer("view")
def page(activation_id: UUID) -> Response:
    return _page(_load(activation_id))


@blueprint.post("/apps/<uuid:activation_id>/reconciliation")
@dealer("activate_apps")
def act(activation_id: UUID) -> Response:
    """Decide about one row, what is picked, or all that is open on the tab."""
    activation = _load(activation_id)
    what = acting.order()
    sides = control.hold_sides(db.session(), activation)
    said = acting.carry_out(db.session(), sides, what) if sides and what else ""
    db.session.commit()
    if sides is None:
        return _closed(activation)
    if what and what.verb == "pair" and said:
        flash(said, "success")
        return go(_here(activation, tab=_other_side()))
    if fragment():
        return _page(activation, said=said or _nothing(what))
    flash(said or _nothing(what), "success" if said else "info")
    return go(_here(activation, tab=request.args.get("tab"), q=request.args.get("q") or None))


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
        flash(_("Der Abgleich ist abgeschlossen. Jetzt wird übertragen."), "success")
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


def _other_side() -> str:
    """Where the search for a partner began."""
    return Tab.HERE if request.args.get("tab") == Tab.THERE else Tab.THERE


def _here(activation: Activation, tab: str | None = None, q: str | None = None) -> str:
    return url_for("reconciliation.page", activation_id=activation.id, tab=tab, q=q)


def _page(activation: Activation, said: str = "") -> Response:
    wanted = Wanted.from_args(request.args)
    if said:
        wanted = Wanted(wanted.tab, wanted.text, wanted.before, wanted.after)
    shown = screen.load(activation, wanted, may("activate_apps"))
    if shown is None:
        return make_response(render_template("reconciliation/none.html", app=get_app(activation.app)))
    template = "reconciliation/_lists.html" if fragment() else "reconciliation/page.html"
    return make_response(render_template(template, **_of(shown), said=said))


def _of(shown: Screen) -> dict[str, object]:
    return {"screen": shown, "activation": shown.activation, "app": shown.app}


def _nothing(what: acting.Order | None) -> str:
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
