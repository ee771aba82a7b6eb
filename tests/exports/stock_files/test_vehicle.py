"""What the page of a vehicle says of a file app."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from portal.models import User, Vehicle
from portal.models.accounts import Dealer
from portal.models.realm import Realm
from portal.models.runs import Run
from portal.vehicles.publication import live_activations, status_inputs
from portal.vehicles.status import PublicationStatus
from portal.vehicles.status_line import StatusLine, status_line
from tests.conftest import count_queries
from tests.exports.stock_files.conftest import FileStage
from tests.words import german

NOON = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)


def line_of(stage: FileStage, vehicle: Vehicle) -> StatusLine:
    stage.session.expire_all()
    row = stage.session.get_one(Vehicle, vehicle.id)
    dealer = stage.session.get_one(Dealer, stage.dealer.id)
    activations = live_activations(stage.session, Realm(dealer.id))
    [status_input] = status_inputs(stage.session, dealer, [row], activations)[row.id]
    return status_line(status_input)


def sent_at_noon(stage: FileStage) -> None:
    with stage.runtime.sessions.begin() as session:
        session.get_one(Run, stage.last().id).sent_at = NOON
    stage.put(next_run_at=datetime(2026, 7, 2, 0, 0, tzinfo=UTC))


def test_a_vehicle_in_the_file(stage: FileStage) -> None:
    vehicle = stage.vehicle()
    stage.run()
    sent_at_noon(stage)
    found = line_of(stage, vehicle)
    assert found.status == PublicationStatus.ONLINE
    assert german(found.last_result) == "in der Datei vom 01.07. um 12:00 enthalten"
    assert german(found.next_action) == "steht in der nächsten Datei, am 02.07. um 02:00"
    assert found.reasons == ()


def test_a_vehicle_that_was_left_out_and_why(stage: FileStage) -> None:
    stage.vehicle()
    vehicle = stage.vehicle(make="")
    stage.run()
    sent_at_noon(stage)
    found = line_of(stage, vehicle)
    assert found.status == PublicationStatus.INCOMPLETE
    assert german(found.last_result) == "in der Datei vom 01.07. um 12:00 nicht enthalten"
    assert ("Die Marke fehlt.", "make") in {(german(reason.text), reason.field) for reason in found.reasons}
    said = [german(reason.text) for reason in found.reasons]
    assert not [text for text in said if "nächsten" in text], "it does not come by itself"


def test_a_vehicle_that_came_after_the_file(stage: FileStage) -> None:
    stage.vehicle()
    stage.run()
    sent_at_noon(stage)
    found = line_of(stage, stage.vehicle())
    assert found.status == PublicationStatus.OPEN
    assert german(found.last_result) == "in der Datei vom 01.07. um 12:00 nicht enthalten"
    assert "noch nicht in der Datei" in german(found.reasons[0].text)


def test_a_vehicle_that_will_leave_the_file(stage: FileStage) -> None:
    stage.vehicle()
    vehicle = stage.vehicle()
    stage.run()
    sent_at_noon(stage)
    stage.take_offline(vehicle)
    found = line_of(stage, vehicle)
    assert german(found.next_action) == "fällt mit der nächsten Datei weg, am 02.07. um 02:00"
    assert german(found.reasons[0].text) == "Das Fahrzeug ist nicht online geschaltet."


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"state": "locked"}, "sobald die Sperre aufgehoben ist"),
        ({"state": "stopped"}, "sobald die Übertragung wieder läuft"),
        ({"next_run_at": None}, "die nur von Hand übertragen wird"),
    ],
)
def test_when_the_next_file_comes(stage: FileStage, columns: dict[str, object], expected: str) -> None:
    vehicle = stage.vehicle()
    assert german(line_of(stage, vehicle).last_result) == "noch keine Datei"
    stage.put(**columns)
    assert german(line_of(stage, vehicle).next_action) == f"steht in der nächsten Datei, {expected}"


def test_the_page_says_it(stage: FileStage, login: Callable[[User], FlaskClient]) -> None:
    alice = login(stage.build.alice(stage.dealer))
    vehicle = stage.vehicle(make="")
    stage.vehicle()
    stage.run()
    page = alice.get(f"/vehicles/{vehicle.id}").text
    assert "nicht enthalten" in page
    assert "Die Marke fehlt." in page


def test_one_query_for_any_number_of_vehicles(stage: FileStage) -> None:
    vehicles = stage.vehicles(2)
    stage.run()
    dealer = stage.session.get_one(Dealer, stage.dealer.id)
    activations = live_activations(stage.session, Realm(dealer.id))
    status_inputs(stage.session, dealer, vehicles, activations)
    with count_queries() as few:
        status_inputs(stage.session, dealer, vehicles, activations)
    vehicles += stage.vehicles(5)
    with count_queries() as many:
        status_inputs(stage.session, dealer, vehicles, activations)
    assert len(few) == len(many)
