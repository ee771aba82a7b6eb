"""At most three sentences: what matters today, the worst first. Red stands still, yellow waits for the
dealer, blue is for information."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from operator import itemgetter
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.blueprints.activations.head import failing_text, is_failing
from portal.blueprints.overview.cards import OverviewCard
from portal.models.exports import ActivationState
from portal.web.attention import Attention
from portal.web.states import lock_text, stop_text
from portal.web.templating import number, since

MOST = 3
RED, YELLOW, INFORMATION = "danger", "warning", "info"


@dataclass(frozen=True)
class Sentence:
    """`about`: the app whose trouble this is; its row does not say it again."""

    text: str
    url: str
    action: str
    colour: str
    about: UUID | None = None


class Standstill(IntEnum):
    """Why nothing, or not everything, goes to an app; the worst first."""

    LOCKED = 1
    STOPPED = 2
    STOPPED_BY_HAND = 3
    RECONCILING = 4


def for_today(cards: Sequence[OverviewCard], attention: Attention) -> list[Sentence]:
    standing_still = sorted((found for card in cards for found in _standstills(card)), key=itemgetter(0))
    # A refusal of today is one of the vehicles, or was mended since: nothing is said twice.
    if attention.vehicles:
        text = ngettext(
            "1 Fahrzeug ist nicht überall oder nicht mit seinem neuesten Stand online.",
            "%(n)s Fahrzeuge sind nicht überall oder nicht mit ihrem neuesten Stand online.",
            attention.vehicles,
            n=attention.text,
        )
        vehicles = [Sentence(text, url_for("problems.page"), _("Ansehen"), YELLOW)]
    else:
        vehicles = [*_rejected(cards)]
    failing = [
        Sentence(
            f"{failing_text(card.activation, card.name)} {_('Änderungen warten.')}",
            _history(card),
            _("Ansehen"),
            INFORMATION,
            card.activation.id,
        )
        for card in cards
        if is_failing(card.activation)
    ]
    said = [*(sentence for _how, sentence in standing_still), *vehicles, *failing]
    return said[:MOST] or [*_not_online(cards)]


def _standstills(card: OverviewCard) -> Iterable[tuple[Standstill, Sentence]]:
    activation, app = card.activation, card.name
    if card.lock:
        text = _(
            "%(app)s ist seit %(since)s gesperrt: %(what)s.",
            app=app,
            since=since(card.lock.opened_at),
            what=lock_text(card.lock),
        )
        yield Standstill.LOCKED, Sentence(text, _history(card, "lock"), _("Prüfen"), RED, activation.id)
    began = since(activation.stopped_at)
    if card.stopped_by_hand:
        text = _("%(app)s ist seit %(since)s pausiert. Änderungen warten.", app=app, since=began)
        sentence = Sentence(text, _history(card), _("Ansehen"), YELLOW, activation.id)
        yield Standstill.STOPPED_BY_HAND, sentence
    elif card.stopped:
        cause = stop_text(activation)
        text = _("%(app)s ist seit %(since)s angehalten: %(cause)s", app=app, since=began, cause=cause)
        yield Standstill.STOPPED, Sentence(text, _history(card), _("Prüfen"), RED, activation.id)
    if activation.state == ActivationState.RECONCILING:
        text = _("%(app)s überträgt erst nach dem Bestandsabgleich.", app=app)
        url = url_for("reconciliation.page", activation_id=activation.id)
        yield Standstill.RECONCILING, Sentence(text, url, _("Abgleichen"), YELLOW, activation.id)


def _not_online(cards: Sequence[OverviewCard]) -> Iterable[Sentence]:
    """Nobody has to act, and yet not everything is there: said instead of "alles in Ordnung"."""
    worst = max(cards, key=lambda card: card.released - card.online, default=None)
    missing = worst.released - worst.online if worst else 0
    if worst and missing > 0:
        text = ngettext(
            "Bei %(app)s ist 1 freigegebenes Fahrzeug noch nicht online.",
            "Bei %(app)s sind %(n)s freigegebene Fahrzeuge noch nicht online.",
            missing,
            n=number(missing),
            app=worst.name,
        )
        yield Sentence(text, _history(worst), _("Ansehen"), INFORMATION)


def _rejected(cards: Sequence[OverviewCard]) -> Iterable[Sentence]:
    """Mended since, or not wanted any more: nobody has to act."""
    worst = max(cards, key=lambda card: card.results.rejected, default=None)
    total = sum(card.results.rejected for card in cards)
    if worst and total:
        text = ngettext(
            "In den letzten 24 Stunden wurde 1 Übertragung abgelehnt oder nicht zugestellt.",
            "In den letzten 24 Stunden wurden %(n)s Übertragungen abgelehnt oder nicht zugestellt.",
            total,
            n=number(total),
        )
        yield Sentence(text, _history(worst), _("Ansehen"), INFORMATION)


def _history(card: OverviewCard, anchor: str | None = None) -> str:
    return url_for("history.page", activation_id=card.activation.id, _anchor=anchor)
