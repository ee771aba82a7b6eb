"""What people do at an app and to a vehicle leaves a line, and nothing that changed nothing does."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import Activation, AuditEvent, Dealer, User, Vehicle, VehicleImage
from tests.blueprints.configurator.test_editor import filled
from tests.builders import Build

Login = Callable[[User], FlaskClient]
DRIFT = [{"field": "price.consumerPriceGross", "label": "Preis", "old": "12990", "new": "11990"}]


@pytest.fixture
def browser(login: Login, alice: User) -> FlaskClient:
    return login(alice)


@pytest.fixture
def active(build: Build, alices: Dealer) -> Activation:
    return build.activation(alices)


@pytest.fixture
def vehicle(build: Build, alices: Dealer, active: Activation) -> Vehicle:
    """Online there, and different from what was sent."""
    row = build.vehicle(alices)
    build.release(row, active)
    build.listing(row, active, drift=DRIFT)
    return row


def events(session: Session) -> list[AuditEvent]:
    session.expire_all()
    return list(session.scalars(select(AuditEvent).order_by(AuditEvent.id)))


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("check", "run.check_requested"),
        ("listings/resend", "vehicle.resent"),
        ("listings/{vehicle}/resend", "vehicle.resent"),
        ("listings/{vehicle}/withdraw", "vehicle.taken_back"),
    ],
)
def test_what_is_done_at_an_app(
    browser: FlaskClient, session: Session, active: Activation, vehicle: Vehicle, path: str, what: str
) -> None:
    browser.post(f"/apps/{active.id}/{path.format(vehicle=vehicle.id)}")
    [event] = events(session)
    assert (event.what, event.activation_id, event.actor) == (what, active.id, "Alice")


def test_sending_a_single_transfer_again(
    browser: FlaskClient, build: Build, session: Session, active: Activation, vehicle: Vehicle
) -> None:
    transfer = build.transfer(vehicle, active, state="rejected")
    browser.post(f"/apps/{active.id}/history/{transfer.id}/resend")
    [event] = events(session)
    assert (event.what, event.object_id, event.activation_id) == ("vehicle.resent", vehicle.id, active.id)


def test_pictures(browser: FlaskClient, session: Session, vehicle: Vehicle) -> None:
    picture = BytesIO()
    Image.new("RGB", (40, 30), "white").save(picture, "JPEG")
    picture.seek(0)
    browser.post(f"/vehicles/{vehicle.id}/images", data={"images": (picture, "a.jpg")})
    image = session.scalars(select(VehicleImage)).one()
    browser.post(f"/vehicles/{vehicle.id}/images/{image.id}/hide")
    assert [(event.what, event.detail) for event in events(session)] == [
        ("vehicle.pictures_added", {"pictures": 1}),
        ("vehicle.picture_changed", {"picture": "hide"}),
    ]
    assert "Was: nicht veröffentlicht" in browser.get("/settings/audit").text


def test_an_export_of_the_configurator(browser: FlaskClient, session: Session, alices: Dealer) -> None:
    place = str(alices.locations[0].id)
    browser.post("/configurator/new", data=filled(name="Bank", location_id=place, location=place))
    activation = session.scalars(select(Activation)).one()
    for _ in range(2):
        browser.post(f"/configurator/{activation.id}", data=filled(name="Sparkasse", separator="tab"))
    drafted, changed = events(session)
    assert (drafted.what, drafted.activation_id) == ("activation.draft_saved", activation.id)
    assert (changed.what, changed.detail) == (
        "activation.changed",
        {"name": ["Bank", "Sparkasse"], "layout": True},
    )
