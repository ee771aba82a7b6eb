"""A file prepares what has changed, and is the same as one that prepares everything."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from portal.exports.core.runtime import Runtime
from portal.exports.lifecycle.activation import deactivate
from portal.exports.stock_files import build as build_module
from portal.exports.stock_files.build import FileBuilder
from portal.exports.stock_files.prepared import EntryStore, PreparedVehicle
from portal.messages import from_json
from portal.models import ImageBlob, Listing, PreparedEntry, Publication, RunVehicle, VehicleImage
from portal.models.runs import Run
from portal.platforms.common.vehicle_view import VehicleView
from portal.platforms.contract import Subject
from portal.platforms.contract.files import unique_keys
from tests.builders import Build
from tests.exports.stock_files.conftest import FileStage
from tests.platforms.file_rig import FILE_APPS, file_rig, images
from tests.platforms.file_rig import golf as presentable

WEBSITE = {"app": "dealer-website", "customer_number": "www.autohaus-muster.de"}


@pytest.fixture
def website(build: Build, runtime: Runtime) -> FileStage:
    return FileStage(build, runtime, **WEBSITE, settings={"format": "json"})


@pytest.fixture
def prepared_numbers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Of the vehicles that were prepared, in the order they were."""
    found: list[str] = []
    begin = VehicleView.__init__

    def noted(self: VehicleView, context: Any, subject: Subject) -> None:
        found.append(subject.vehicle.offer_number)
        begin(self, context, subject)

    monkeypatch.setattr(VehicleView, "__init__", noted)
    return found


def work(stage: FileStage, numbers: list[str]) -> list[str]:
    """A run; the numbers of the vehicles that it prepared."""
    numbers.clear()
    stage.run()
    return sorted(numbers)


def test_only_what_changed_is_prepared_again(website: FileStage, prepared_numbers: list[str]) -> None:
    first, second = website.vehicle(presentable()), website.vehicle(presentable())
    both = sorted((first.offer_number, second.offer_number))
    assert work(website, prepared_numbers) == both
    before = website.file()
    assert work(website, prepared_numbers) == []
    assert website.file() == before
    first.data = first.data | {"mileage": 7}
    website.session.commit()
    assert work(website, prepared_numbers) == [first.offer_number]
    website.put(settings={"format": "xml"})
    assert work(website, prepared_numbers) == both


def test_another_release_or_month_prepares_everything(
    website: FileStage, prepared_numbers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    number = website.vehicle(presentable()).offer_number
    website.run()
    monkeypatch.setattr("portal.exports.stock_files.prepared.code_digest", lambda *_: "the next one")
    assert work(website, prepared_numbers) == [number]
    around = "portal.exports.stock_files.build.file_surroundings"
    of_this_month = build_module.file_surroundings
    monkeypatch.setattr(around, lambda *more: replace(of_this_month(*more), month="2031-01"))
    assert work(website, prepared_numbers) == [number]


def test_listings_that_stay_as_they_were_are_not_written(website: FileStage) -> None:
    stays, goes = website.vehicle(presentable()), website.vehicle(presentable())
    website.run()
    before = _versions(website.session)
    website.run()
    assert _versions(website.session) == before
    last_with_both = website.last()
    website.take_offline(goes)
    website.run()
    after = _versions(website.session)
    assert after[stays.id] == before[stays.id]
    gone = website.session.scalars(select(Listing).where(Listing.vehicle_id == goes.id)).one()
    assert (gone.state, gone.sent_at) == ("absent", last_with_both.sent_at)


def _versions(session: Session) -> dict[Any, str]:
    session.expire_all()
    return dict(session.execute(select(Listing.vehicle_id, text("listing.xmin::text"))).all())


def test_entries_of_vehicles_that_left_the_file_are_forgotten(website: FileStage) -> None:
    stays, goes = website.vehicle(presentable()), website.vehicle(presentable())
    website.run()
    assert set(website.session.scalars(select(PreparedEntry.vehicle_id))) == {stays.id, goes.id}
    website.take_offline(goes)
    website.run()
    website.session.rollback()
    assert set(website.session.scalars(select(PreparedEntry.vehicle_id))) == {stays.id}


def test_entries_of_an_app_that_was_deactivated_are_forgotten(
    build: Build, runtime: Runtime, website: FileStage
) -> None:
    other = FileStage(build, runtime, app="dealer-website", customer_number="www.bob.de")
    website.vehicle(presentable())
    kept = other.vehicle(presentable())
    for stage in (website, other):
        stage.run()
    deactivate(website.session, website.now())
    website.session.commit()
    assert set(website.session.scalars(select(PreparedEntry.vehicle_id))) == {kept.id}


def test_a_file_that_is_written_meanwhile_keeps_nothing_of_a_deactivated_app(
    website: FileStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    website.vehicle(presentable())
    look = FileBuilder._look

    def deactivated(builder: FileBuilder, ids: Any) -> Any:
        found = look(builder, ids)
        deactivate(website.session, website.now())
        website.session.commit()
        return found

    monkeypatch.setattr(FileBuilder, "_look", deactivated)
    website.run()
    assert website.session.scalar(select(func.count()).select_from(PreparedEntry)) == 0


@pytest.mark.parametrize(
    ("slug", "changed"),
    [
        *((slug, {}) for slug in FILE_APPS),
        *(("generic", {"format": form}) for form in ("json", "xml")),
        ("mobile-de-csv", {"pictures": "zip"}),
    ],
)
def test_an_entry_is_found_as_it_was_kept(
    build: Build, runtime: Runtime, slug: str, changed: dict[str, Any]
) -> None:
    rig, stage = file_rig(slug, **changed), FileStage(build, runtime, **WEBSITE)
    vehicle = stage.vehicle(presentable())
    entry = rig.entry(presentable(description="ÄÖ „Zitat“ \\ \t \U0001f697", highlights=("a", "b")))
    keys = unique_keys(entry)
    kept = PreparedVehicle(vehicle.id, "accepted", rig.writer.record(entry), b"".join(keys))
    store = EntryStore(stage.activation, "basis")
    digests = store.find(stage.session, [vehicle.id]).digests
    said = [{"code": "x", "text": "\\n"}]
    store.keep(stage.session, [replace(kept, said_by_keys=tuple(keys.values()), feedback=said)], digests)
    found = store.find(stage.session, [vehicle.id])
    assert (found.digests, found.good) == ({}, {vehicle.id: kept})
    words = store.words(stage.session, [vehicle.id])[vehicle.id]
    assert (words.feedback, [*map(from_json, words.said_by_keys)]) == (said, [*keys.values()])


@pytest.mark.parametrize("slug", FILE_APPS)
def test_no_file_depends_on_what_a_listing_was(slug: str) -> None:
    """Which is why entries are kept whatever their listing becomes."""
    rig, subject = file_rig(slug), Subject(presentable(), "HH", images(2))
    listed = replace(subject, carried=frozenset(["a"]), ending=frozenset(["b"]), pictures_there=True, key="k")
    assert rig.writer.entry(listed) == rig.writer.entry(subject)


# Whatever changes: the file, and what is told of it, are those of a run that prepares everything.

FACTS: dict[str, tuple[Any, ...]] = {
    "mileage": (1, 64500),
    "make": ("", "VW"),
    "vin": ("", "WVWZZZ1KZ00000001"),
    "offer_number": ("A-1", "B-1"),
    "sold": (True, False),
    "trade_in": (True, False),
    "kind": ("new", "used"),
    "description": ("Ein Golf", "Ein „Golf“ mit 0171 1234567"),
}
DEALER = {
    "export_vin": (True, False),
    "platform_prices": (True, False),
    "export_trade_ins": (True, False),
    "name": ("Autohaus A", "Autohaus B"),
}
FORMATS = ("json", "csv", "xml")
CHANGES = st.one_of(
    st.sampled_from([("fact", name, value) for name, values in FACTS.items() for value in values]),
    st.sampled_from([("dealer", name, value) for name, values in DEALER.items() for value in values]),
    st.sampled_from([("publication", "released", value) for value in (True, False)]),
    st.sampled_from([("publication", "price", value) for value in (None, 4711, 4712)]),
    st.sampled_from([("settings", "format", value) for value in FORMATS]),
    st.sampled_from([("location", name, value) for name in ("name", "code", "city") for value in "XY"]),
    st.sampled_from([("picture", "add", None), ("picture", "hide", None), ("picture", "turn", None)]),
    st.sampled_from([("vehicle", "online", value) for value in (True, False)]),
)


def change(stage: FileStage, vehicles: list[Any], second: bool, what: str, name: str, value: Any) -> None:
    session, vehicle = stage.session, vehicles[second]
    session.expire_all()
    published = session.get_one(Publication, (vehicle.id, stage.activation.id))
    match what:
        case "fact":
            # Another number for each vehicle, and the same one in files.
            spelt = value.replace("-", "/") if name == "offer_number" and second else value
            vehicle.data = {**vehicle.data, name: spelt}
        case "dealer":
            setattr(stage.dealer, name, value)
        case "publication":
            setattr(published, name, value)
        case "settings":
            stage.now().settings = {name: value}
        case "location":
            setattr(stage.dealer.locations[0], name, value)
        case "vehicle":
            setattr(vehicle, name, value)
        case "picture":
            _change_pictures(session, vehicle, name)
    session.commit()


def _change_pictures(session: Session, vehicle: Any, how: str) -> None:
    here = session.scalars(
        select(VehicleImage).where(VehicleImage.vehicle_id == vehicle.id).order_by(VehicleImage.position)
    ).all()
    if how == "add":
        sha256 = f"{session.scalar(select(func.count()).select_from(ImageBlob)):064x}"
        session.add(ImageBlob(sha256=sha256, jpeg=b"", thumbnail=b"", size=1, width=1, height=1))
        session.flush()
        session.add(VehicleImage(vehicle_id=vehicle.id, sha256=sha256, position=len(here)))
    for place, image in enumerate(reversed(here)):
        if how == "hide":
            image.published = not image.published
        elif how == "turn":
            image.position = place


def told(stage: FileStage, run: Run) -> object:
    session = stage.session
    session.expire_all()
    of_run = select(RunVehicle.vehicle_id, RunVehicle.number, RunVehicle.result, RunVehicle.feedback)
    noted = select(Publication.vehicle_id, Publication.problems, Publication.hints)
    listed = select(Listing.vehicle_id, Listing.state, Listing.internal_number, Listing.last_feedback)
    return (
        stage.file(run) if run.sent_at else run.state,
        sorted(map(repr, session.execute(of_run.where(RunVehicle.run_id == run.id)))),
        sorted(map(repr, session.execute(noted.where(Publication.activation_id == stage.activation.id)))),
        sorted(map(repr, session.execute(listed.where(Listing.activation_id == stage.activation.id)))),
    )


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.booleans(), CHANGES), min_size=2, max_size=6))
def test_what_is_kept_equals_what_is_prepared_anew(
    build: Build, runtime: Runtime, changes: list[tuple[bool, tuple[str, str, Any]]]
) -> None:
    number = f"www.{uuid4().hex[:8]}.de"
    stage = FileStage(
        build, runtime, app="dealer-website", customer_number=number, settings={"format": "json"}
    )
    vehicles = [stage.vehicle(presentable(offer_number=f"N{place}")) for place in range(4)]
    stage.run()
    for second, one in changes:
        change(stage, vehicles, second, *one)
        kept = told(stage, stage.run())
        stage.session.execute(delete(PreparedEntry))
        stage.session.commit()
        assert told(stage, stage.run()) == kept, one
