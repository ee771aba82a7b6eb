"""Loading the demo into the database."""

from __future__ import annotations

from datetime import UTC, datetime

from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.demo.load import DEALERS, DemoCounts, is_empty
from portal.models import Activation, Dealer, ImageBlob, User, Vehicle, VehicleImage

ALL = sum(dealer.vehicles for dealer in DEALERS)


def test_dealers_people_vehicles_and_pictures_are_there(session: Session, loaded: DemoCounts) -> None:
    assert loaded.vehicles == session.scalar(select(func.count()).select_from(Vehicle)) == ALL
    assert set(session.scalars(select(Dealer.key))) == {"muster", "sonnenschein"}
    assert set(session.scalars(select(User.login))) == {"anna", "bernd", "sam"}
    assert loaded.pictures == session.scalar(select(func.count()).select_from(ImageBlob))


def test_vehicles_have_several_pictures_in_order(session: Session, loaded: DemoCounts) -> None:
    rows = session.execute(
        select(func.count(), func.min(VehicleImage.position), func.max(VehicleImage.position)).group_by(
            VehicleImage.vehicle_id
        )
    ).all()
    assert len(rows) == ALL - 2, "one vehicle of each dealer has none"
    assert all(first == 1 and last == count for count, first, last in rows)


def test_vehicles_came_in_on_their_stock_date(session: Session, loaded: DemoCounts) -> None:
    for vehicle in session.scalars(select(Vehicle)):
        assert f"{vehicle.created_at.astimezone(UTC):%Y-%m-%d}" == vehicle.stock_date
        assert vehicle.created_at <= datetime(2026, 11, 25, tzinfo=UTC)


def test_nothing_is_activated(session: Session, loaded: DemoCounts) -> None:
    assert session.scalar(select(func.count()).select_from(Activation)) == 0


def test_anna_can_log_in(client: FlaskClient, loaded: DemoCounts) -> None:
    answer = client.post("/login", data={"login": "anna", "password": "demo"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_an_empty_database_is_told_from_a_loaded_one(session: Session) -> None:
    assert is_empty(session)
    session.add(Dealer(key="x", name="X"))
    session.commit()
    assert not is_empty(session)
