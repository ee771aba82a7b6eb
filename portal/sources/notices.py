"""People are told once that a source is in trouble, and once that it is over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from portal.calendar import BERLIN
from portal.messages import Message, Wording, say, sentences
from portal.models.accounts import User
from portal.models.notifications import Notification
from portal.models.sources import PickupState, StockPickup, StockSource, Trouble

TITLES: Mapping[str, Message] = {
    PickupState.FAILED: say("Bestandsquelle „{name}“: Die Datei ließ sich nicht abholen"),
    PickupState.REFUSED: say("Bestandsquelle „{name}“: Die Datei ist nicht lesbar"),
    PickupState.UNMAPPED: say("Bestandsquelle „{name}“: Die Spalten der Datei sind noch nicht zugeordnet"),
}
LONGER = say("Das ist länger als sonst. Sehen Sie nach, ob Ihr Programm die Datei noch schreibt.")
UNTOUCHED = say("Am Bestand hat sich nichts geändert.")


def tell_failure(session: Session, source: StockSource, pickup: StockPickup) -> None:
    """Of a pick-up that ended so; the first of several."""
    title = TITLES[pickup.state].filled(name=source.name)
    _begin(session, source, Trouble.FAILING, title, sentences(pickup.reason, UNTOUCHED))


def tell_absence(session: Session, source: StockSource, since: datetime) -> None:
    day = since.astimezone(BERLIN).date()
    title = say("Bestandsquelle „{name}“: Seit {day} kam nichts Neues", name=source.name, day=day)
    _begin(session, source, Trouble.AWAY, title, sentences(LONGER, UNTOUCHED))


def tell_end(session: Session, source: StockSource, *endings: Trouble) -> None:
    """Where the source is in one of these troubles: it is over."""
    if source.trouble not in endings:
        return
    source.trouble, source.trouble_since = "", None
    title = say("Bestandsquelle „{name}“ liefert wieder", name=source.name)
    _tell(session, source, title, say("Die Störung ist vorbei."))


def _begin(session: Session, source: StockSource, trouble: Trouble, title: Wording, body: Wording) -> None:
    if source.trouble:
        return
    source.trouble, source.trouble_since = trouble, func.now()
    _tell(session, source, title, body)


def _tell(session: Session, source: StockSource, title: Wording, body: Wording) -> None:
    """A line in the inbox and the next digest of everybody who can do something about it."""
    here = or_(User.location_ids == [], User.location_ids.contains([source.location_id]))
    able = User.dealer_id == source.dealer_id, User.active, User.rights.contains(["edit_vehicles"])
    for user_id in session.scalars(select(User.id).where(*able, here).order_by(User.id)):
        line = Notification(user_id=user_id, kind="source", title=title, body=body, digest=True)
        line.url = f"/settings/sources/{source.id}"
        session.add(line)
