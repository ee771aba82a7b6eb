"""The live check of a customer number."""

from __future__ import annotations

import pytest

from portal.platforms.mobile_de.platform import connect
from tests.platforms.mobile_de.conftest import SELLER, Rig, mobile_de_access
from tests.platforms.peer import Says
from tests.words import german

SELLERS = "/seller-api/sellers"


def probe(number: str) -> str:
    return f"{SELLERS}/{number}/ads"


@pytest.mark.parametrize("number", ["4711001", " 4711 001 ", "1000471"])
def test_linked_dealer_is_ok_with_name_and_limits(rig: Rig, number: str) -> None:
    check = rig.platform.check_customer(number)
    assert (check.status, german(check.text)) == ("ok", "Gültig: Autohaus Alice GmbH")
    assert check.account is not None
    assert (check.account.customer_number, check.account.seller_key) == ("4711001", "1000471")
    assert check.account.limits == {"max_images": 30, "max_highlights": 3, "leasing": 1}


@pytest.mark.parametrize("number", ["", "ABC", "47 11x", "../ads", "1" * 13, "４７"])
def test_what_is_no_number_is_not_even_asked(rig: Rig, number: str) -> None:
    assert rig.platform.check_customer(number).status == "unknown"
    assert rig.peer.asked == []


def test_read_only_account_is_told(rig: Rig) -> None:
    rig.peer.tell("GET", SELLERS, Says(body={"sellers": [SELLER | {"readonly": True}]}))
    check = rig.platform.check_customer("4711001")
    assert check.status == "read_only"
    assert "nur Lesen" in german(check.text)


def test_dealer_who_has_not_entered_us_gets_the_instruction(rig: Rig) -> None:
    rig.peer.tell("GET", probe("4712"), Says(403))
    check = rig.platform.check_customer("4712")
    assert check.status == "not_linked"
    assert "„Export-Portal“ als Datendienstleister" in german(check.text)


def test_unknown_number_may_still_lack_the_provider(rig: Rig) -> None:
    check = rig.platform.check_customer("4713")
    assert check.status == "unknown"
    assert german(check.text).startswith("Kundennummer ungültig")
    assert "Datendienstleister" in german(check.text)


def test_wrong_credentials_are_the_operators_matter(rig: Rig) -> None:
    rig.peer.tell("GET", SELLERS, Says(401))
    check = rig.platform.check_customer("4711001")
    assert check.status == "credentials"
    assert "Betreiber" in german(check.text)


@pytest.mark.parametrize(
    "answer",
    [
        Says(500),
        Says(429),
        Says(200, b"<html>"),
        Says(200, {"sellers": "x"}),
        Says(then="reset"),
        Says(302, headers={"Location": "/elsewhere"}),
        Says(body={"sellers": [{"customerNumber": "4711001"}]}),
    ],
)
def test_platform_that_answers_nonsense_is_unavailable(rig: Rig, answer: Says) -> None:
    rig.peer.tell("GET", SELLERS, answer)
    check = rig.platform.check_customer("4711001")
    assert (check.status, german(check.text)[:26]) == ("unavailable", "Plattform antwortet nicht.")


@pytest.mark.parametrize("answer", [Says(500), Says(503), Says(then="reset")])
def test_trouble_while_probing_says_nothing_of_the_number(rig: Rig, answer: Says) -> None:
    rig.peer.tell("GET", probe("4713"), answer)
    assert rig.platform.check_customer("4713").status == "unavailable"


def test_nobody_there_is_unavailable() -> None:
    platform = connect(mobile_de_access("http://127.0.0.1:1"))
    assert platform.check_customer("4711001").status == "unavailable"
