"""Customer numbers in the support area: asked for, vouched for, taken back."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit import Who
from portal.exports.lifecycle import customer_numbers
from portal.models import Activation, CustomerNumber, Dealer
from tests.builders import Build, fresh

NUMBER = "8150815"


@pytest.fixture
def asked(session: Session, alices: Dealer) -> CustomerNumber:
    customer_numbers.request_number(session, Who(name="Alice"), alices.id, "mobile-de", NUMBER)
    session.commit()
    return session.scalars(select(CustomerNumber).where(CustomerNumber.number == NUMBER)).one()


def test_an_agent_sees_who_asks_and_vouches_for_the_number(
    agent: FlaskClient, session: Session, alices: Dealer, asked: CustomerNumber
) -> None:
    assert f"mobile.de {NUMBER}" in agent.get("/support/numbers").text
    assert alices.name in agent.get(f"/support/numbers/{asked.id}").text
    assert agent.post(f"/support/numbers/{asked.id}/bind").status_code == 303
    found = fresh(session, CustomerNumber, asked.id)
    assert (found.state, found.decided_by) == ("bound", "Sam")


def test_a_refused_request_binds_nothing(agent: FlaskClient, session: Session, asked: CustomerNumber) -> None:
    agent.post(f"/support/numbers/{asked.id}/refuse")
    assert fresh(session, CustomerNumber, asked.id).state == "refused"
    assert customer_numbers.owner_of(session, "mobile-de", NUMBER) is None


def test_a_number_is_bound_by_hand_and_never_twice(
    agent: FlaskClient, session: Session, build: Build, alices: Dealer
) -> None:
    charlies = build.dealer("Autohaus Charlie", code="CH")
    for dealer in (alices, charlies):
        agent.post("/support/numbers", data={"platform": "mobile-de", "number": NUMBER, "dealer": dealer.key})
    assert customer_numbers.owner_of(session, "mobile-de", NUMBER) == alices.id


def test_what_is_left_out_is_named_at_its_field(agent: FlaskClient, session: Session) -> None:
    answer = agent.post("/support/numbers", data={"platform": "nowhere", "number": "", "dealer": "nobody"})
    assert answer.status_code == 422
    assert "Es gibt keinen Händler mit diesem Schlüssel." in answer.text


def test_taking_a_number_back_stops_what_is_served_under_it(
    agent: FlaskClient, session: Session, build: Build, alices: Dealer
) -> None:
    served = build.activation(alices)
    row = session.scalars(select(CustomerNumber).where(CustomerNumber.number == "4711001")).one()
    agent.post(f"/support/numbers/{row.id}/release")
    assert fresh(session, CustomerNumber, row.id).state == "released"
    stopped = fresh(session, Activation, served.id)
    assert (stopped.state, stopped.stop_cause) == ("stopped", "number_released")
    assert "freigegeben von Sam" in agent.get(f"/support/numbers/{row.id}").text
