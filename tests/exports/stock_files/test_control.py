"""Sold and reserved cars leave a feed at once where its platform wants that; a filter is no defect."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from sqlalchemy import text

from portal.exports.stock_files import control
from portal.models import ImageBlob, Publication, Vehicle, VehicleImage
from portal.models.exports import RunState, Trigger
from portal.models.runs import RunVehicle
from portal.platforms import get_app
from portal.platforms.common.profile import Profile, ProfileColumn
from portal.vehicles.stock import save_vehicle
from tests.builders import Build
from tests.exports.stock_files.conftest import FileStage
from tests.platforms.filled import filled


def stage_of(build: Build, runtime: Any, slug: str, **changed: Any) -> FileStage:
    return FileStage(build, runtime, app=slug, settings=filled(get_app(slug), **changed))


def due(stage: FileStage) -> bool:
    stage.session.rollback()
    return stage.activation.id in set(stage.session.scalars(control.whole_stock_due()))


def change(stage: FileStage, vehicle: Vehicle, **facts: Any) -> None:
    with stage.runtime.sessions.begin() as session:
        row = session.get_one(Vehicle, vehicle.id)
        save_vehicle(session, row, row.facts().model_copy(update=facts))


_numbers = count(1)


def with_picture(stage: FileStage) -> Vehicle:
    """Google takes no car without one, and no two with one VIN."""
    vehicle = stage.vehicle(vin=f"WVWZZZ1KZAW{next(_numbers):06}", energy={"co2": 123})
    sha256 = vehicle.id.hex * 2
    stage.build._add(ImageBlob(sha256=sha256, jpeg=b"jpeg", thumbnail=b"small", size=4, width=1, height=1))
    stage.build._add(VehicleImage(vehicle_id=vehicle.id, sha256=sha256, position=0))
    return vehicle


@pytest.mark.parametrize("facts", [{"reserved": True}, {"sold": True}, {"roadworthy": False}])
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


def test_a_change_that_a_file_overtook_leaves_by_the_next_one(build: Build, runtime: Any) -> None:
    """It began before the file was written and was committed after: the file still has the car."""
    google = stage_of(build, runtime, "google-vehicle-ads")
    leaving, _other = with_picture(google), with_picture(google)
    google.run()
    with runtime.sessions() as session:
        row = session.get_one(Vehicle, leaving.id)
        save_vehicle(session, row, row.facts().model_copy(update={"reserved": True}))
        session.flush()
        assert google.run().total == 2
        session.commit()
    assert due(google)
    google.work()
    assert google.last().total == 1
    assert not due(google)


def test_a_held_file_is_not_written_again_for_the_same_cars(build: Build, runtime: Any) -> None:
    google = stage_of(build, runtime, "google-vehicle-ads")
    vehicles = [with_picture(google) for _ in range(2)]
    google.run()
    for vehicle in vehicles:
        change(google, vehicle, sold=True)
    google.work()
    assert google.last().state == RunState.HELD
    assert not due(google)


def test_looking_for_them_reads_only_what_is_out_of_sale(build: Build, runtime: Any) -> None:
    """At every tick, for every such app: neither a whole stock nor its listings may be read for it."""
    google = stage_of(build, runtime, "google-vehicle-ads")
    google.vehicles(3)
    with runtime.sessions() as session:
        session.execute(text("ANALYZE activation, vehicle, publication, listing, run"))
        session.execute(text("SET LOCAL enable_seqscan = off"))
        asked = control.whole_stock_due().compile(
            session.connection(), compile_kwargs={"literal_binds": True}
        )
        plan = session.connection().exec_driver_sql(f"EXPLAIN {asked}").scalars().all()
    assert any("ix_vehicle_out_of_sale" in line for line in plan), plan
    assert not any("pk_vehicle" in line for line in plan), plan


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
    profile = Profile((ProfileColumn("Nr", fact="number"),), price_to=1000, pictures="none")
    stage = stage_of(build, runtime, "configurator", profile=profile.as_json())
    dear = stage.vehicle()
    stage.vehicle(prices={"selling": 900})
    assert stage.run().total == 1
    left_out = stage.session.get_one(RunVehicle, (stage.last().id, dear.id))
    assert (left_out.result, left_out.feedback[0]["code"]) == ("filtered", "filtered")
    noted = stage.session.get_one(Publication, (dear.id, stage.activation.id))
    stage.session.refresh(noted)
    assert noted.problems == []
