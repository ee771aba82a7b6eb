"""The day as a time line: what has happened since midnight, and what comes next. Three queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.blueprints.activations.head import is_failing
from portal.blueprints.audit.labels import readable, what_text
from portal.blueprints.overview.cards import OverviewCard
from portal.calendar import BERLIN
from portal.exports.history.pages import first_id
from portal.models import Activation, AuditEvent, Run, VehicleImport
from portal.models.exports import ActivationState, AppKind, RunKind, RunState
from portal.models.realm import Realm
from portal.web.apps import app_name
from portal.web.templating import number
from portal.web.wording import translated

MOST = 8
DECISIONS = ("activation", "lock", "reconciliation", "full_transfer", "schedule", "run")
"""Of the audit log, the objects whose lines belong to the day of an app."""
NO_EVENTS = ("activation.tested", "activation.draft_saved")
LONGEST_RUN = timedelta(days=1)
"""What ended today was asked for since then."""


@dataclass(frozen=True)
class DayEvent:
    """`app`: where it happened; empty for what concerns the whole stock."""

    at: datetime
    icon: str
    text: str
    url: str
    app: str = ""
    who: str = ""


def happened(session: Session, realm: Realm, cards: Sequence[OverviewCard], now: datetime) -> list[DayEvent]:
    """The newest first."""
    midnight = datetime.combine(now.astimezone(BERLIN).date(), time(), BERLIN)
    day = DayBook(session, realm, midnight)
    found = [
        *day.transfers(cards),
        *day.decisions(),
        *day.runs(),
        *day.imports(),
    ]
    return sorted(found, key=lambda event: event.at, reverse=True)[:MOST]


def upcoming(cards: Sequence[OverviewCard], now: datetime) -> list[DayEvent]:
    """The soonest first."""
    due = [event for card in cards for event in next_actions(card) if event.at > now]
    return sorted(due, key=lambda event: event.at)[:MOST]


def next_actions(card: OverviewCard) -> Iterable[DayEvent]:
    """What the portal does by itself at an app, and when."""
    activation, app = card.activation, card.name
    url = url_for("history.page", activation_id=activation.id)
    if activation.recheck_at and card.stopped:
        what = _("Übertragung fortsetzen") if card.stopped_by_hand else _("Ursache wieder prüfen")
        yield DayEvent(activation.recheck_at, "refresh", what, url, app)
    if activation.paused_until and is_failing(activation):
        yield DayEvent(activation.paused_until, "refresh", _("Nächster Versuch"), url, app)
    if activation.next_run_at and not card.stopped and not card.lock:
        yield DayEvent(activation.next_run_at, "file-type-csv", _("Nächste Datei"), url, app)
    if activation.next_check_at and activation.state == ActivationState.ACTIVE:
        yield DayEvent(activation.next_check_at, "list-check", _("Bestand prüfen"), url, app)


@dataclass(frozen=True)
class DayBook:
    """What the tables say of the time since midnight."""

    session: Session
    realm: Realm
    midnight: datetime

    def decisions(self) -> Iterable[DayEvent]:
        statement = (
            select(AuditEvent, Activation.app)
            .join(Activation, Activation.id == AuditEvent.activation_id)
            .where(
                self.realm.of(Activation),
                AuditEvent.dealer_id == self.realm.dealer_id,
                AuditEvent.id >= first_id(self.midnight),
                func.split_part(AuditEvent.what, ".", 1).in_(DECISIONS),
                AuditEvent.what.not_in(NO_EVENTS),
            )
            .order_by(AuditEvent.id.desc())
            .limit(MOST)
        )
        for event, app in self.session.execute(statement):
            who = readable(translated(event.actor)) if event.user_id else ""
            url = url_for("history.page", activation_id=event.activation_id)
            icon = "lock" if event.what == "lock.opened" else "user-circle" if event.user_id else "refresh"
            yield DayEvent(event.at, icon, what_text(event.what), url, app_name(app), who)

    def runs(self) -> Iterable[DayEvent]:
        statement = (
            select(Run, Activation.app)
            .join(Activation, Activation.id == Run.activation_id)
            .where(
                self.realm.of(Activation),
                Run.kind.in_((RunKind.FILE, RunKind.CHECK, RunKind.FULL)),
                Run.id >= first_id(self.midnight - LONGEST_RUN),
                Run.finished_at >= self.midnight,
                Run.state.in_((RunState.DONE, RunState.PARTIAL, RunState.FAILED)),
            )
            .order_by(Run.id.desc())
            .limit(MOST)
        )
        for run, app in self.session.execute(statement):
            icon = "alert-triangle" if run.state == RunState.FAILED else "check"
            url = url_for("history.run", activation_id=run.activation_id, run_id=run.id)
            yield DayEvent(run.finished_at or self.midnight, icon, _ended(run), url, app_name(app))

    def imports(self) -> Iterable[DayEvent]:
        statement = (
            select(VehicleImport)
            .where(self.realm.of(VehicleImport), VehicleImport.created_at >= self.midnight)
            .order_by(VehicleImport.created_at.desc())
            .limit(MOST)
        )
        for one in self.session.scalars(statement):
            url = url_for("vehicles.import_report", import_id=one.id)
            if one.error:
                yield DayEvent(one.created_at, "alert-triangle", _("Import gescheitert"), url)
                continue
            text = _(
                "Bestand importiert: %(taken)s neu, %(changed)s geändert",
                taken=number(one.taken),
                changed=number(one.changed),
            )
            yield DayEvent(one.created_at, "upload", text, url)

    def transfers(self, cards: Sequence[OverviewCard]) -> Iterable[DayEvent]:
        """All of the day in one line for each app; files have a line each."""
        for card in cards:
            at, today = card.activation.last_success_at, card.today
            if at is None or at < self.midnight or card.activation.kind == AppKind.FILE or not today.sent:
                continue
            text = ngettext(
                "Bisher 1 Übertragung bestätigt",
                "Bisher %(n)s Übertragungen bestätigt",
                today.sent,
                n=number(today.sent),
            )
            if today.rejected:
                text = _("%(text)s, %(n)s abgelehnt", text=text, n=number(today.rejected))
            url = url_for("history.page", activation_id=card.activation.id)
            yield DayEvent(at, "transfer", text, url, card.name)


def _checked(run: Run) -> str:
    """Never calm alone: what was found is told beside what was confirmed."""
    counts = {key: number(run.counts.get(key, 0)) for key in ("confirmed", "drifted", "vanished")}
    found = [_("%(n)s bestätigt", n=counts["confirmed"])]
    if run.counts.get("drifted"):
        found.append(_("%(n)s abweichend", n=counts["drifted"]))
    if run.counts.get("vanished"):
        found.append(_("%(n)s dort verschwunden", n=counts["vanished"]))
    return f"{_('Bestand geprüft')}: {', '.join(found)}"


def _ended(run: Run) -> str:
    failed = run.state == RunState.FAILED
    if run.kind == RunKind.FULL:
        return _("Komplettübertragung nicht beendet") if failed else _("Komplettübertragung beendet")
    if run.kind == RunKind.CHECK:
        return _("Bestandsprüfung gescheitert") if failed else _checked(run)
    if failed:
        return _("Datei nicht übertragen")
    vehicles = run.accepted + run.hinted
    return ngettext(
        "Datei mit 1 Fahrzeug übertragen",
        "Datei mit %(n)s Fahrzeugen übertragen",
        vehicles,
        n=number(vehicles),
    )
