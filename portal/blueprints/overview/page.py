"""The first page: is everything online, and if not, what matters today."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import render_template

from portal.blueprints.overview import blueprint, cards, day
from portal.blueprints.overview.alerts import for_today
from portal.extensions import db
from portal.web import attention
from portal.web.access import chosen_realm, dealer


@blueprint.get("/")
@dealer("view")
def page() -> str:
    now = datetime.now(UTC)
    realm, session = chosen_realm(), db.session()
    found = cards.load(session, realm, now)
    sentences = for_today(found, attention.current(realm))
    return render_template(
        "overview/page.html",
        cards=found,
        sentences=sentences,
        told={sentence.about for sentence in sentences},
        has_vehicles=bool(found) or cards.has_vehicles(session, realm),  # of interest where there is no app
        happened=day.happened(session, realm, found, now) if found else [],
        next_of={card.activation.id: next(iter(day.next_actions(card)), None) for card in found},
        upcoming=day.upcoming(found, now),
    )
