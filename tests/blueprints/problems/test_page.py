"""Handlungsbedarf: the page, its links, and sending a group again."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import Activation, Dealer, Run, Transfer, Vehicle
from portal.models.exports import ActivationState, RunKind, RunState
from tests.builders import Build
from tests.conftest import count_queries

Login = Callable[..., FlaskClient]
CO2 = {"code": "missing", "text": "CO₂-Klasse fehlt.", "field": "energy.co2_class", "who": "dealer"}
MAKE = {
    "code": "unknown-make",
    "text": "Die Marke ist unbekannt.",
    "field": "make",
    "who": "platform",
}


def released(build: Build, dealer: Dealer, activation: Activation, **columns: object) -> Vehicle:
    row: Vehicle = build.vehicle(dealer)
    build.release(row, activation, **columns)
    return row


def refused(build: Build, dealer: Dealer, activation: Activation, *feedback: object) -> Vehicle:
    row = released(build, dealer, activation)
    build.not_taken(row, activation, *feedback)
    return row


def waiting(session: Session) -> set[object]:
    session.expire_all()
    return set(session.scalars(select(Transfer.vehicle_id).where(Transfer.state == "waiting")))


def links(text: str, label: str) -> list[str]:
    """Addresses of the links with this label."""
    parts = text.split(f">{label}</a>")[:-1]
    return [unescape(part.rsplit('href="', 1)[1].split('"')[0]) for part in parts]


def test_nothing_to_do_is_said_calmly(alice: FlaskClient, activation: Activation) -> None:
    text = alice.get("/problems").text
    assert "Kein Handlungsbedarf" in text
    assert "erneut senden" not in text


def test_a_cause_opens_exactly_its_vehicles(
    alice: FlaskClient, build: Build, dealer: Dealer, activation: Activation
) -> None:
    blocked = [released(build, dealer, activation, problems=[CO2]) for _ in range(2)]
    fine = released(build, dealer, activation)
    text = alice.get("/problems").text
    assert "2 Fahrzeuge: CO₂-Klasse fehlt." in text
    assert "Wer muss handeln: <strong>Sie</strong>" in text
    (link,) = links(text, "Fahrzeuge zeigen")
    listed = alice.get(link).text
    assert all(row.offer_number in listed for row in blocked)
    assert fine.offer_number not in listed


def test_refused_vehicles_are_listed_by_cause(
    alice: FlaskClient, build: Build, dealer: Dealer, activation: Activation
) -> None:
    wanted = refused(build, dealer, activation, CO2)
    other = refused(build, dealer, activation, MAKE)
    text = alice.get("/problems").text
    assert "1 Fahrzeug: CO₂-Klasse fehlt." in text
    listed = alice.get(links(text, "Fahrzeuge zeigen")[0]).text
    assert wanted.offer_number in listed
    assert other.offer_number not in listed


def test_a_stopped_account_comes_first_with_its_cause(
    alice: FlaskClient, activation: Activation, session: Session
) -> None:
    activation.state, activation.stop_detail = ActivationState.STOPPED, "Das Passwort gilt nicht mehr."
    session.commit()
    text = alice.get("/problems").text
    assert "mobile.de (Kd-Nr. 4711001) ist angehalten" in text
    assert "Das Passwort gilt nicht mehr." in text


def test_a_group_is_sent_again_and_no_other(
    alice: FlaskClient, build: Build, dealer: Dealer, activation: Activation, session: Session
) -> None:
    group = {refused(build, dealer, activation, CO2).id for _ in range(2)}
    refused(build, dealer, activation, MAKE)
    form = {"source": "rejected", "code": "missing", "field": "energy.co2_class"}
    answer = alice.post("/problems/resend", data=form, follow_redirects=True)
    assert "2 Fahrzeuge werden erneut gesendet." in answer.text
    assert waiting(session) == group


def test_all_that_was_refused_is_sent_again_and_nothing_that_is_blocked(
    alice: FlaskClient, build: Build, dealer: Dealer, activation: Activation, session: Session
) -> None:
    bad = {refused(build, dealer, activation, CO2).id, refused(build, dealer, activation, MAKE).id}
    released(build, dealer, activation, problems=[CO2])
    alice.post("/problems/resend")
    assert waiting(session) == bad


def test_an_unknown_cause_sends_nothing(
    alice: FlaskClient, build: Build, dealer: Dealer, activation: Activation, session: Session
) -> None:
    refused(build, dealer, activation, CO2)
    answer = alice.post("/problems/resend", data={"source": "vehicle", "code": "x"}, follow_redirects=True)
    assert "Es gibt nichts erneut zu senden." in answer.text
    assert waiting(session) == set()


def test_only_who_may_edit_sends_again_and_only_for_the_own_dealer(
    build: Build, dealer: Dealer, activation: Activation, login: Login, session: Session
) -> None:
    row = refused(build, dealer, activation, CO2)
    bob, charlie, sam = login(build.bob(dealer)), login(build.charlie()), login(build.sam())
    assert bob.post("/problems/resend").status_code == 403
    assert "rneut senden" not in bob.get("/problems").text
    assert sam.get("/problems").status_code == 403
    charlie.post("/problems/resend")
    assert row.offer_number not in charlie.get("/problems/refused").text
    assert waiting(session) == set()


def test_the_number_of_queries_is_fixed(
    alice: FlaskClient, build: Build, dealer: Dealer, activation: Activation
) -> None:
    refused(build, dealer, activation, CO2)
    alice.get("/problems")
    with count_queries() as few:
        alice.get("/problems")
    for number in range(10):
        refused(build, dealer, activation, CO2 | {"code": f"code-{number}"})
    with count_queries() as many:
        alice.get("/problems")
    assert len(many) == len(few) <= 5


def test_texts_of_a_platform_are_escaped(
    alice: FlaskClient, build: Build, dealer: Dealer, activation: Activation
) -> None:
    script = "<script>alert(1)</script>"
    refused(build, dealer, activation, CO2 | {"text": script, "code": script, "who": script})
    for url in ("/problems", "/problems/refused"):
        text = alice.get(url).text
        assert script not in text
        assert "&lt;script&gt;" in text


def vanished(build: Build, dealer: Dealer, activation: Activation) -> Vehicle:
    row = released(build, dealer, activation)
    build.listing(row, activation, vanished_at=datetime.now(UTC))
    return row


def test_what_a_platform_does_not_have_any_more_is_a_group_of_its_own(
    alice: FlaskClient, build: Build, dealer: Dealer, activation: Activation
) -> None:
    gone = [vanished(build, dealer, activation) for _ in range(2)]
    drifted = released(build, dealer, activation)
    build.listing(drifted, activation, drift=[{"label": "Preis"}])
    text = alice.get("/problems").text
    assert "2 Fahrzeuge: Auf der Plattform nicht mehr vorhanden" in text
    assert "Erneut einstellen, das kann Kosten verursachen, oder nicht mehr veröffentlichen." in text
    assert "Erneut senden" not in text, "sending it as an update would create it without a question"
    (link,) = links(text, "Fahrzeuge zeigen")
    listed = alice.get(link).text
    assert all(row.offer_number in listed for row in gone)
    assert drifted.offer_number not in listed
    address = listed.split('class="btn btn-sm" href="')[1].split('"')[0]
    there = alice.get(unescape(address)).text
    assert "Neu einstellen (Kosten möglich)" in there
    assert "Nicht mehr veröffentlichen" in there


def test_a_decision_about_a_vanished_listing_ends_the_need(
    alice: FlaskClient, session: Session, build: Build, dealer: Dealer, activation: Activation
) -> None:
    anew, withdrawn = (vanished(build, dealer, activation) for _ in range(2))
    here = f"/apps/{activation.id}/listings"
    alice.post(f"{here}/{anew.id}/publish")
    alice.post(f"{here}/{withdrawn.id}/withdraw")
    assert waiting(session) == {anew.id, withdrawn.id}
    assert "Kein Handlungsbedarf" in alice.get("/problems").text


def test_sending_everything_again_leaves_out_what_vanished(
    alice: FlaskClient, session: Session, build: Build, dealer: Dealer, activation: Activation
) -> None:
    vanished(build, dealer, activation)
    again = refused(build, dealer, activation, MAKE)
    alice.post("/problems/resend")
    assert waiting(session) == {again.id}
    alice.post("/problems/resend", data={"source": "vanished", "code": "vanished"})
    assert waiting(session) == {again.id}


def test_the_numbers_agree_about_what_vanished(
    alice: FlaskClient, build: Build, dealer: Dealer, activation: Activation
) -> None:
    """Beside the menu, in the list of vehicles, at the app and on the overview."""
    gone = vanished(build, dealer, activation)
    build.listing(released(build, dealer, activation), activation)
    menu = re.search(r'href="/problems".*?</a>', alice.get("/problems").text, re.DOTALL)
    assert menu
    assert ">1<" in menu.group()
    for state in ("vanished", "problem"):
        found = alice.get(f"/vehicles?state={state}").text
        assert gone.offer_number in found
        assert "1 Fahrzeug" in found
    apps = alice.get("/apps").text
    assert "<strong>1</strong> von 2 online" in apps
    assert "<strong>1</strong> dort verschwunden" in apps


def test_vanished_listings_of_others_are_not_shown(
    alice: FlaskClient, login: Login, build: Build, dealer: Dealer, activation: Activation
) -> None:
    gone = vanished(build, dealer, activation)
    charlie = login(build.charlie())
    for url in ("/problems", "/problems/vanished"):
        assert gone.offer_number not in charlie.get(url).text
        assert "nicht mehr vorhanden</h2>" not in charlie.get(url).text


def test_what_a_platform_will_remark_stands_last_and_leads_there(build: Build, login: Login) -> None:
    dealer = build.dealer()
    activation = build.activation(dealer)
    hint = {"code": "few-pictures", "text": "Das Inserat hat nur ein Bild.", "field": None, "who": "dealer"}
    hinted = [released(build, dealer, activation, hints=[hint]) for _ in range(3)]
    released(build, dealer, activation, problems=[CO2])
    client = login(build.alice(dealer))
    page = client.get("/problems").text
    assert page.index("CO₂-Klasse fehlt.") < page.index("3 Fahrzeuge: Das Inserat hat nur ein Bild.")
    assert "Wird gesendet. Die Plattform weist bei solchen Angaben auf etwas hin." in page
    found = client.get("/vehicles?problem=few-pictures&online=yes").text
    assert "3 Fahrzeuge" in found
    assert "Das Inserat hat nur ein Bild." in found
    for tab in ("", "/publication"):
        assert "Das Inserat hat nur ein Bild." in client.get(f"/vehicles/{hinted[0].id}{tab}").text


def test_an_open_reconciliation_and_nothing_else_is_no_calm(build: Build, login: Login) -> None:
    dealer = build.dealer()
    activation = build.activation(dealer, state=ActivationState.RECONCILING)
    build._add(Run(activation_id=activation.id, kind=RunKind.RECONCILIATION, state=RunState.HELD))
    page = login(build.alice(dealer)).get("/problems").text
    assert "Bestandsabgleich offen" in page
    assert f"/apps/{activation.id}/reconciliation" in page
    assert "Kein Handlungsbedarf" not in page
