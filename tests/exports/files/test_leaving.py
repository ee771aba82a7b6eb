"""Sold and reserved cars leave a feed at once where its platform wants that; a filter is no defect."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from portal.exports.files import requesting
from portal.models import ImageBlob, Publication, Vehicle, VehicleImage
from portal.models.exports import Trigger
from portal.models.runs import RunVehicle
from portal.platforms import get_app
from portal.platforms.common.profile import Column, Profile
from portal.vehicles.stock import save_vehicle
from tests.builders import Build
from tests.exports.files.conftest import FileStage
from tests.platforms.filled import filled


def stage_of(build: Build, runtime: Any, slug: str, **changed: Any) -> FileStage:
    return FileStage(build, runtime, app=slug, settings=filled(get_app(slug), **changed))


def due(stage: FileStage) -> bool:
    stage.session.rollback()
    return stage.activation.id in set(stage.session.scalars(requesting.due()))


def change(stage: FileStage, vehicle: Vehicle, **facts: Any) -> None:
    with stage.runtime.sessions.begin() as session:
        row = session.get_one(Vehicle, vehicle.id)
        save_vehicle(session, row, row.facts().model_copy(update=facts))


_numbers = count(1)


def with_picture(stage: FileStage) -> Vehicle:
    """Google takes no car without one, and no two with one VIN."""
    vehicle = stage.vehicle(vin=f"WVWZZZ1KZAW{next(_numbers):06}")
    sha256 = vehicle.id.hex * 2
    stage.build._add(ImageBlob(sha256=sha256, jpeg=b"jpeg", thumbnail=b"small", size=4, width=1, height=1))
    stage.build._add(VehicleImage(vehicle_id=vehicle.id, sha256=sha256, position=0))
    return vehicle


@pytest.mark.parametrize("facts", [{"reserved": True}, {"sold": True}])
def test_a_car_that_went_out_of_sale_leaves_the_feed_without_waiting(
    build: Build, runtime: Any, facts: dict[str, bool]
) -> None:
    google = stage_of(build, runtime, "google-vehicle-ads")
    leaving, *_others = [with_picture(google) for _ in range(3)]
    assert google.run().total == 3
    assert not due(google)
    change(google, leaving, **facts)
    assert due(google)
    google.work()
    assert (google.last().trigger, google.last().total) == (Trigger.CHANGE, 2)
    assert not due(google)


def test_other_changes_and_other_apps_wait_for_the_schedule(build: Build, runtime: Any) -> None:
    google, board = (stage_of(build, runtime, slug, **more) for slug, more in WAITING)
    for stage, facts in ((google, {"mileage": 70_000}), (board, {"reserved": True})):
        vehicle = with_picture(stage)
        with_picture(stage)
        assert stage.run().total == 2
        change(stage, vehicle, **facts)
        assert not due(stage)


WAITING: tuple[tuple[str, dict[str, Any]], ...] = (
    ("google-vehicle-ads", {}),
    ("generic", {"transport": "pull"}),
)


def test_whom_the_filter_leaves_out_has_no_defect(build: Build, runtime: Any) -> None:
    profile = Profile((Column("Nr", fact="number"),), price_to=1000, pictures="none")
    stage = stage_of(build, runtime, "configurator", profile=profile.as_json())
    dear = stage.vehicle()
    stage.vehicle(prices={"selling": 900})
    assert stage.run().total == 1
    left_out = stage.session.get_one(RunVehicle, (stage.last().id, dear.id))
    assert (left_out.result, left_out.feedback[0]["code"]) == ("filtered", "filtered")
    noted = stage.session.get_one(Publication, (dear.id, stage.activation.id))
    stage.session.refresh(noted)
    assert noted.problems == []
