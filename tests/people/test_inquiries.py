"""Where inquiries may be forwarded, and what stands in the map."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from portal.models import Dealer
from portal.people.inquiries import Forwarding, find_aliases, forwarding_complaint, mappable
from tests.builders import Build
from tests.words import german


def dealer(build: Build, address: str, target: str) -> Dealer:
    row = build.dealer()
    row.lms_address, row.lms_forward_to = address, target
    build.session.commit()
    return row


@pytest.mark.parametrize(
    "address", ["verkauf@alice.example", "a.b+c@x-y.example", "VERKAUF@Alice.Example", "o'brien@a.example"]
)
def test_a_plain_address_is_taken(address: str) -> None:
    assert mappable(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "alice",
        "a@example.org, b@example.org",
        "a@example.org b@example.org",
        "a@example.org\nb@dein.auto c@example.org",
        "a@example.org\n",
        " a@example.org",
        "|/bin/sh@example.org",
        "/etc/passwd@example.org",
        "#a@example.org",
        "-oQ/tmp@example.org",
        "a%other.example@example.org",
        "other.example!a@example.org",
        "$1@example.org",
        ":include:/etc/passwd@example.org",
        '"a b"@example.org',
        "@example.org",
        "müller@example.org",
        "a@[127.0.0.1]",
    ],
)
def test_what_a_mail_server_could_take_for_something_else_is_not(address: str) -> None:
    assert not mappable(address)


def test_only_dealers_with_both_stand_in_the_map(build: Build, session: Session) -> None:
    dealer(build, "bob@dein.auto", "verkauf@bob.example")
    dealer(build, "Alice@dein.auto", "Verkauf@alice.example")
    dealer(build, "without@dein.auto", "")
    dealer(build, "", "verkauf@charlie.example")
    found = find_aliases(session)
    assert found.good == (
        Forwarding("alice@dein.auto", "Verkauf@alice.example"),
        Forwarding("bob@dein.auto", "verkauf@bob.example"),
    )
    assert found.left_out == ()


@pytest.mark.parametrize("target", ["a@example.org,b@example.org", "bob@DEIN.auto", "alice@dein.auto"])
def test_what_cannot_be_carried_out_is_left_out_and_named(
    build: Build, session: Session, target: str
) -> None:
    """However it came into the table."""
    alice = dealer(build, "alice@dein.auto", target)
    found = find_aliases(session)
    assert (found.good, found.left_out) == ((), (alice.key,))


def test_a_dealer_forwards_to_an_address_of_his_own(build: Build, session: Session) -> None:
    alice = dealer(build, "alice@dein.auto", "")
    dealer(build, "bob@anfragen.example", "")
    assert forwarding_complaint(session, alice, "") == ""
    assert forwarding_complaint(session, alice, "verkauf@alice.example") == ""
    assert "an sich selbst" in german(forwarding_complaint(session, alice, "ALICE@dein.auto"))
    for circle in ("bob@dein.auto", "bob@anfragen.example"):
        assert "Adresse Ihres Hauses" in german(forwarding_complaint(session, alice, circle))
    told = german(forwarding_complaint(session, alice, "a@example.org, b@example.org"))
    assert "einzelne Mailadresse" in told
