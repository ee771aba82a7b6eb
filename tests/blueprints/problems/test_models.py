"""Models that a platform does not know: the page, the vehicle, who may assign, and what is taken back."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import Activation, AuditEvent, Dealer, KnownModel, Transfer, User, Vehicle
from tests.builders import Build, golf
from tests.conftest import count_queries

Login = Callable[[User], FlaskClient]
PAGE = "/problems/models"
HINT = {
    "code": "model-other",
    "text": "mobile.de kennt das Modell „Andere“ nicht.",
    "field": "model",
    "who": "dealer",
    "options": [["golf", "Golf"], ["golf-plus", "Golf Plus"], ["polo", "Polo"]],
}
Stand = Callable[[str], Vehicle]


@pytest.fixture
def stand(build: Build, dealer: Dealer, activation: Activation) -> Stand:
    def _stand(title: str) -> Vehicle:
        vehicle: Vehicle = build.vehicle(dealer, golf(model="Andere", model_description=title))
        build.release(vehicle, activation, hints=[HINT])
        return vehicle

    return _stand


def rows(text: str) -> dict[str, str]:
    """The name that a row has in the form, by the spelling."""
    found = re.findall(r'name="model-([0-9a-f]+)" aria-label="Modell für VW Andere: (.*?) bei', text)
    return {spelling: digest for digest, spelling in found}


def known(session: Session) -> dict[str, str]:
    session.expire_all()
    return {row.words: row.key for row in session.scalars(select(KnownModel))}


def test_handlungsbedarf_leads_to_the_models(alice: FlaskClient, stand: Stand) -> None:
    stand("Verkaufe Polo")
    assert f'href="{PAGE}"' in alice.get("/problems").text
    text = alice.get(PAGE).text
    assert "1 Fahrzeug" in text
    assert '<option value="polo" selected>Polo</option>' in text


def test_one_or_many_are_assigned_and_the_others_stay(
    alice: FlaskClient, session: Session, stand: Stand
) -> None:
    vehicles = [stand(title) for title in ("Verkaufe Polo", "Golf 5 Plus", "Kombi", "Cabrio")]
    found = rows(alice.get(PAGE).text)
    choices = {f"model-{found[words]}": "golf" for words in ("golf 5 plus", "kombi", "cabrio")}
    form = choices | {f"model-{found['verkaufe polo']}": "polo"}
    alice.post(PAGE, data=form | {"only": found["verkaufe polo"], "pick": found["kombi"]})
    assert known(session) == {"verkaufe polo": "polo"}
    answer = alice.post(
        PAGE, data=form | {"pick": [found["kombi"], found["golf 5 plus"]]}, follow_redirects=True
    )
    assert "2 Modelle sind zugeordnet" in answer.text
    assert known(session) == {"verkaufe polo": "polo", "kombi": "golf", "golf 5 plus": "golf"}
    assert set(session.scalars(select(Transfer.vehicle_id))) == {one.id for one in vehicles[:3]}
    assert rows(answer.text) == {"cabrio": found["cabrio"]}
    noted = session.scalars(
        select(AuditEvent.object_label).where(AuditEvent.what == "vehicle.model_assigned")
    )
    assert set(noted) == {
        "VW Andere: verkaufe polo → Polo",
        "VW Andere: kombi → Golf",
        "VW Andere: golf 5 plus → Golf",
    }


def test_what_nobody_chose_or_offered_is_not_assigned(
    alice: FlaskClient, session: Session, stand: Stand
) -> None:
    stand("Kombi")
    digest = rows(alice.get(PAGE).text)["kombi"]
    for form in (
        {"pick": digest},
        {"pick": digest, f"model-{digest}": "phaeton"},
        {"pick": "0" * 20, f"model-{'0' * 20}": "golf"},
        {},
    ):
        answer = alice.post(PAGE, data=form, follow_redirects=True)
        assert "Bitte wählen Sie zuerst ein Modell." in answer.text
    assert known(session) == {}


def test_the_vehicle_offers_it_too(alice: FlaskClient, session: Session, stand: Stand) -> None:
    vehicle, _other = stand("Golf 5 Plus"), stand("Kombi")
    place = f"/vehicles/{vehicle.id}/publication"
    found = rows(alice.get(place).text)
    assert set(found) == {"golf 5 plus"}
    digest = found["golf 5 plus"]
    form = {"vehicle_id": str(vehicle.id), "only": digest, f"model-{digest}": "golf-plus"}
    answer = alice.post(PAGE, data=form)
    assert answer.location.endswith(place)
    assert known(session) == {"golf 5 plus": "golf-plus"}
    assert rows(alice.get(place).text) == {}


def test_it_is_taken_back(alice: FlaskClient, session: Session, stand: Stand) -> None:
    vehicle = stand("Kombi")
    digest = rows(alice.get(PAGE).text)["kombi"]
    page = alice.post(PAGE, data={"only": digest, f"model-{digest}": "golf"}, follow_redirects=True)
    assert "Gemerkte Zuordnungen" in page.text
    (row,) = session.scalars(select(KnownModel))
    answer = alice.post(f"{PAGE}/{row.id}/forget", follow_redirects=True)
    assert "zurückgenommen. 1 Fahrzeug wird neu geprüft." in answer.text
    assert known(session) == {}
    assert set(rows(answer.text)) == {"kombi"}
    assert session.scalars(select(Transfer.vehicle_id)).all() == [vehicle.id]


def test_another_dealer_sees_and_decides_nothing_of_it(
    build: Build, session: Session, login: Login, alice: FlaskClient, stand: Stand
) -> None:
    vehicle = stand("Kombi")
    digest = rows(alice.get(PAGE).text)["kombi"]
    alice.post(PAGE, data={"only": digest, f"model-{digest}": "golf"})
    charlie = login(build.charlie())
    assert "kombi" not in charlie.get(PAGE).text.casefold()
    (row,) = session.scalars(select(KnownModel))
    assert charlie.post(f"{PAGE}/{row.id}/forget").status_code == 404
    form = {"vehicle_id": str(vehicle.id), "only": digest, f"model-{digest}": "polo"}
    assert charlie.post(PAGE, data=form).status_code == 404
    charlie.post(PAGE, data={"only": digest, f"model-{digest}": "polo"})
    assert known(session) == {"kombi": "golf"}


def test_who_works_at_one_of_two_locations_sees_it_and_does_not_decide(
    build: Build, dealer: Dealer, login: Login, session: Session, stand: Stand
) -> None:
    stand("Kombi")
    build.location(dealer, "B")
    client = login(build.user("dora", dealer, location_ids=[dealer.locations[0].id]))
    text = client.get(PAGE).text
    digest = rows(text)["kombi"]
    assert "gilt an allen Standorten" in text
    assert "Ausgewählte zuordnen" not in text
    assert client.post(PAGE, data={"only": digest, f"model-{digest}": "golf"}).status_code == 403
    assert known(session) == {}


def test_the_page_asks_as_often_for_many_as_for_one(alice: FlaskClient, stand: Stand) -> None:
    stand("Kombi")
    alice.get(PAGE)
    with count_queries() as one:
        alice.get(PAGE)
    for number in range(20):
        stand(f"Kombi {number}")
    with count_queries() as many:
        alice.get(PAGE)
    assert len(many) == len(one)
