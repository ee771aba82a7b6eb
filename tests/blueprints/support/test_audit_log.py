"""Protokoll of all dealers, for agents: theirs alone who let the support look, and looking is on record."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import audit
from portal.models import AuditEvent, Dealer, User
from tests.builders import Build


@pytest.mark.parametrize("path", ["/support/audit", "/support/audit.csv"])
def test_what_dealers_do_who_forbade_the_support_is_not_shown(
    agent: FlaskClient, build: Build, session: Session, alices: Dealer, path: str
) -> None:
    closed = build.dealer("Autohaus Charlie", code="CH")
    closed.support_allowed = False
    for dealer in (alices, closed):
        audit.log(session, audit.PORTAL, "settings.changed", dealer_id=dealer.id, label=f"bei {dealer.name}")
    session.commit()
    text = agent.get(path).text
    assert "bei Autohaus Alice" in text
    assert "Charlie" not in text


def test_looking_is_on_record(agent: FlaskClient, session: Session, sam: User) -> None:
    agent.get("/support/audit", query_string={"q": "alice"})
    event = session.scalars(select(AuditEvent)).one()
    assert (event.what, event.user_id, event.detail) == ("support.log_read", sam.id, {"q": "alice"})
