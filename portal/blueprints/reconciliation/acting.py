"""What a form of the page asks to be done: one row by its button, or what is picked, or all of the tab."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from flask import request
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from portal.blueprints.reconciliation.wanted import as_uuid
from portal.exports.reconciliation import control
from portal.exports.reconciliation.sides import FOR_LISTINGS, FOR_VEHICLES, MatchDecision, Sides
from portal.web.templating import number

DECISIONS = (*FOR_VEHICLES, *FOR_LISTINGS)
LONGEST_LIST = 10_000


@dataclass(frozen=True)
class Order:
    """`ids` None: everything that is found on the tab and open."""

    verb: str
    ids: Collection[UUID] | None
    text: str = ""


def order() -> Order | None:
    """From the form; None when nothing is picked or it makes no sense."""
    if one := request.form.get("one"):
        verb, *ids = one.split(":")
        keys = [key for key in map(as_uuid, ids) if key]
        return Order(verb, keys) if keys and len(keys) == len(ids) else None
    verb = request.form.get("do", "")
    if request.form.get("scope") == "all":
        return Order(verb, None, request.args.get("q", "").replace("\x00", "").strip())
    keys = request.form.getlist("id", type=UUID)[:LONGEST_LIST]
    return Order(verb, keys) if keys else None


def carry_out(session: Session, sides: Sides, what: Order) -> str:
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
    return _pair(session, sides, what.verb, list(what.ids))


def _pair(session: Session, sides: Sides, verb: str, ids: list[UUID]) -> str:
    if verb != "pair" or len(ids) != 2:
        return ""
    match_id, vehicle_id = ids
    return _("Zugeordnet.") if control.pair(session, sides, match_id, vehicle_id) else ""


def _done(count: int) -> str:
    return (
        ngettext("1 Eintrag geändert.", "%(n)s Einträge geändert.", count, n=number(count)) if count else ""
    )
