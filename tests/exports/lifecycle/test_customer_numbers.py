"""A customer number belongs to one dealer, and somebody vouched for it."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit import OPERATOR, Who
from portal.exports.lifecycle import customer_numbers
from portal.exports.lifecycle.customer_numbers import BoundElsewhere, NotBound, is_same_company
from portal.models import AuditEvent, CustomerNumber
from portal.platforms import APPS, get_app
from portal.platforms.contract import Account
from tests.builders import Build

ALICE = Who(name="Alice")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Autohaus Müller GmbH & Co. KG", "AUTOHAUS MUELLER"),
        ("Autohaus Müller", "Müller Autohaus e.K."),
        ("Kfz Groß", "KFZ Gross GmbH"),
    ],
)
def test_a_company_is_the_same_in_other_spellings_and_without_its_legal_form(ours: str, theirs: str) -> None:
    assert is_same_company(ours, ["20095"], theirs, "20095")


@pytest.mark.parametrize(
    ("company", "postal_code"),
    [
        ("Autohaus Müller Nord", "20095"),
        ("Autohaus Müller", "80331"),
        ("Autohaus Müller", ""),
        ("", "20095"),
        ("GmbH", "20095"),
    ],
)
def test_another_name_or_place_or_none_is_no_agreement(company: str, postal_code: str) -> None:
    assert not is_same_company("Autohaus Müller", ["20095", ""], company, postal_code)


def test_two_companies_of_legal_forms_only_are_not_the_same() -> None:
    assert not is_same_company("GmbH", ["20095"], "KG", "20095")


@pytest.mark.parametrize("slug", [slug for slug, app in APPS.items() if customer_numbers.has_owner(app)])
def test_nothing_is_allowed_under_a_number_that_nobody_vouched_for(
    session: Session, build: Build, slug: str
) -> None:
    alice, charlie, app = build.dealer(), build.dealer("Autohaus Charlie"), get_app(slug)
    with pytest.raises(NotBound):
        customer_numbers.demand_bound(session, app, alice.id, "8150815")
    customer_numbers.bind_number(session, OPERATOR, alice.id, app.platform, "8150815", "operator")
    customer_numbers.demand_bound(session, app, alice.id, "8150815")
    with pytest.raises(NotBound):
        customer_numbers.demand_bound(session, app, charlie.id, "8150815")


def test_apps_whose_numbers_nobody_vouches_for_reach_nobody_else() -> None:
    """Every other app with a number: it is agreed with a receiver of the dealer's own."""
    free = {slug for slug, app in APPS.items() if not customer_numbers.has_owner(app)}
    assert free == {"kleinanzeigen", "dealer-website", "generic", "email", "configurator"}


def test_a_bound_number_serves_every_app_of_its_platform(session: Session, build: Build) -> None:
    dealer = build.dealer()
    customer_numbers.bind_number(session, OPERATOR, dealer.id, "mobile-de", "8150815", "command")
    for slug in ("mobile-de", "mobile-de-csv"):
        customer_numbers.demand_bound(session, get_app(slug), dealer.id, "8150815")


def test_a_number_of_another_dealer_is_refused_even_when_their_app_has_ended(
    session: Session, build: Build
) -> None:
    alice, charlie = build.dealer(), build.dealer("Autohaus Charlie")
    customer_numbers.bind_number(session, OPERATOR, alice.id, "mobile-de", "8150815", "operator")
    build.activation(alice, state="deactivated")
    with pytest.raises(NotBound):
        customer_numbers.demand_bound(session, get_app("mobile-de"), charlie.id, "8150815")
    with pytest.raises(BoundElsewhere):
        customer_numbers.bind_number(session, OPERATOR, charlie.id, "mobile-de", "8150815", "operator")


def test_numbers_that_a_dealer_agrees_with_a_receiver_need_nobody_to_vouch(
    session: Session, build: Build
) -> None:
    customer_numbers.demand_bound(session, get_app("generic"), build.dealer().id, "anything")


def test_binding_answers_the_dealers_own_request_and_leaves_others_open(
    session: Session, build: Build
) -> None:
    alice, charlie = build.dealer(), build.dealer("Autohaus Charlie")
    for dealer in (alice, charlie, charlie):
        customer_numbers.request_number(session, ALICE, dealer.id, "mobile-de", "8150815")
    assert len(customer_numbers.open_requests(session)) == 2
    customer_numbers.bind_number(session, OPERATOR, alice.id, "mobile-de", "8150815", "operator")
    claims = select(CustomerNumber).where(CustomerNumber.number == "8150815")
    rows = session.scalars(claims.order_by(CustomerNumber.id)).all()
    assert [(row.dealer_id, row.state) for row in rows] == [(alice.id, "bound"), (charlie.id, "requested")]


def test_a_released_number_can_be_bound_to_the_next_dealer_and_both_can_read_why(
    session: Session, build: Build
) -> None:
    alice, charlie = build.dealer(), build.dealer("Autohaus Charlie")
    row = customer_numbers.bind_number(session, OPERATOR, alice.id, "mobile-de", "8150815", "operator")
    assert customer_numbers.end_binding(session, OPERATOR, row)
    assert not customer_numbers.end_binding(session, OPERATOR, row)
    customer_numbers.bind_number(session, OPERATOR, charlie.id, "mobile-de", "8150815", "operator")
    session.commit()
    seen = session.execute(select(AuditEvent.dealer_id, AuditEvent.what).order_by(AuditEvent.id)).all()
    assert [tuple(line) for line in seen] == [
        (alice.id, "customer_number.bound"),
        (alice.id, "customer_number.released"),
        (charlie.id, "customer_number.bound"),
    ]


def test_the_platforms_master_data_bind_a_free_number_to_the_company_that_they_name(
    session: Session, build: Build
) -> None:
    alice, charlie = build.dealer("Autohaus Alice GmbH"), build.dealer("Autohaus Alice GmbH")
    for dealer in (alice, charlie):
        dealer.locations[0].postal_code = "20095"
    session.flush()
    app, account = get_app("mobile-de"), Account("8150815", "1", "AUTOHAUS ALICE", postal_code="20095")
    assert customer_numbers.bind_by_master_data(session, app, alice, account)
    assert not customer_numbers.bind_by_master_data(session, app, charlie, account), "it has an owner"
