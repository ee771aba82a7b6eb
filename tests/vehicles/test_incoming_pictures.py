"""Pictures that come with a file: at their vehicles, in their order, once, and none of another's."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image
from sqlalchemy import Engine, func, select, text, update
from sqlalchemy.orm import Session, sessionmaker

from portal.models import Dealer, ImageBlob, IncomingPicture, Transfer, Vehicle, VehicleImport
from portal.platforms.contract.files import Transport
from portal.vehicles import images, incoming_pictures
from portal.vehicles.images import add_image, set_published
from portal.vehicles.incoming_pictures import count_waiting, pictures_wait, take_incoming
from portal.vehicles.stock_import import import_stock
from tests.builders import Build, golf
from tests.exports.large_stock import effort_of
from tests.formats.stock_file import line
from tests.platforms.file_rig import file_rig
from tests.vehicles.huge_pictures import SAID, forbid_decoding, huge_picture
from tests.vehicles.importing import counts, remarks, vehicle
from tests.words import german

Take = Callable[[], None]
USED = {"kinds": {"used": 0}}


def photo(seed: int = 1, size: tuple[int, int] = (64, 48), form: str = "JPEG", **save: object) -> bytes:
    """Bare where nothing else is asked for."""
    buffer = io.BytesIO()
    noise = Image.frombytes("RGB", size, random.Random(seed).randbytes(3 * size[0] * size[1]))  # noqa: S311
    noise.save(buffer, form, **save)  # type: ignore[arg-type]
    return buffer.getvalue()


def packed(*lines: str, **pictures: bytes) -> io.BytesIO:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("4711.csv", "".join(lines).encode("iso-8859-15"))
        for name, content in pictures.items():
            archive.writestr(f"{name}.jpg", content)
    return stream


@pytest.fixture
def sessions(session: Session) -> sessionmaker[Session]:
    return sessionmaker(session.get_bind())


@pytest.fixture
def take(sessions: sessionmaker[Session]) -> Take:
    def take() -> None:
        while take_incoming(sessions):
            pass

    return take


@pytest.fixture
def dealer(build: Build) -> Dealer:
    return build.dealer()


def bring(
    session: Session, dealer: Dealer, stream: io.BytesIO, name: str = "bestand.zip", partial: bool = False
) -> VehicleImport:
    report = import_stock(session, stream, dealer, dealer.locations[0], name, partial)
    session.commit()
    return report


def shown(session: Session, number: str) -> list[bytes]:
    """The pictures of a vehicle in their order."""
    return [
        session.get_one(ImageBlob, image.sha256).jpeg
        for image in vehicle(session, number).images
        if image.published
    ]


def test_a_vehicle_gets_its_pictures_in_their_order_byte_by_byte(
    dealer: Dealer, session: Session, take: Take
) -> None:
    one, two, three = (photo(seed) for seed in range(3))
    report = bring(
        session, dealer, packed(line(B="A1"), line(B="A2"), A1_2=two, A1_1=one, A2_1=three, A1_10=three)
    )
    assert (counts(report), report.error) == ((2, 0, 0, 0, 0), "")
    assert (report.pictures, count_waiting(session, report.id)) == (4, 4)
    take()
    assert shown(session, "A1") == [one, two, three]
    assert shown(session, "A2") == [three]
    assert (report.pictures_refused, count_waiting(session, report.id)) == (0, 0)


def test_a_picture_above_25_megapixels_is_refused_by_its_header(
    dealer: Dealer, session: Session, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid_decoding(monkeypatch)
    report = bring(session, dealer, packed(line(B="A1"), A1_1=huge_picture()))
    take()
    assert (report.pictures, report.pictures_refused, count_waiting(session, report.id)) == (0, 1, 0)
    assert SAID in str(remarks(session, report))
    assert shown(session, "A1") == []


def test_the_portals_own_zip_is_read_back_whole(build: Build, session: Session, take: Take) -> None:
    """From one dealer's stock by the writer of the mobile.de file to another dealer."""
    origin = build.vehicle(build.dealer(), golf(offer_number="A1"))
    for kind in ("PNG", "JPEG"):
        add_image(session, origin, photo(7, (2500, 1800) if kind == "PNG" else (640, 480), kind))
    session.commit()
    kept = shown(session, "A1")
    rig = file_rig("mobile-de-csv", transport=Transport.SFTP.value)
    named = dict(zip((picture.sha256 for picture in rig.entry(golf()).pictures), kept, strict=True))
    content, _wrote = rig.written([rig.entry(golf(offer_number="A9"))], named.get)
    report = bring(session, build.dealer("Autohaus Charlie", "B"), io.BytesIO(content))
    take()
    assert (counts(report), report.remarked, report.note) == ((1, 0, 0, 0, 0), 0, "")
    assert shown(session, "A9") == kept


def test_what_needs_a_conversion_gets_one_and_is_known_the_next_time(
    dealer: Dealer, session: Session, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    commented = photo(comment=b"by whom")
    bring(session, dealer, packed(line(B="A1"), A1_1=commented))
    take()
    assert shown(session, "A1") != [commented]
    monkeypatch.setattr(images, "_decode", None)
    before = vehicle(session, "A1").updated_at
    report = bring(session, dealer, packed(line(B="A1"), line(B="A2"), A1_1=commented, A2_1=commented))
    assert count_waiting(session, report.id) == 1, "A1 has it already"
    take()
    assert vehicle(session, "A1").updated_at == before
    assert shown(session, "A2") == shown(session, "A1")


def test_the_file_counts_and_vehicles_without_pictures_in_it_keep_theirs(
    dealer: Dealer, session: Session, take: Take
) -> None:
    one, two, three = (photo(seed) for seed in range(3))
    rows = line(B="A1"), line(B="A2")
    bring(session, dealer, packed(*rows, A1_1=one, A1_2=two, A2_1=three))
    take()
    hidden = vehicle(session, "A1").images[1]
    set_published(session, vehicle(session, "A1"), hidden, False)
    session.commit()
    bring(session, dealer, packed(*rows, A1_1=two, A1_2=three))
    take()
    assert [image.published for image in vehicle(session, "A1").images] == [False, True]
    assert (shown(session, "A1"), shown(session, "A2")) == ([three], [three])


def test_new_pictures_are_noted_for_the_platforms_and_known_ones_are_not(
    build: Build, dealer: Dealer, session: Session, take: Take
) -> None:
    build.activation(dealer, settings=USED)
    rows = packed(line(B="A1"), A1_1=photo())
    bring(session, dealer, rows)
    session.execute(text("DELETE FROM transfer"))
    session.commit()
    take()
    assert session.scalar(select(Transfer.bulk)) is True
    session.execute(text("DELETE FROM transfer"))
    session.commit()
    bring(session, dealer, rows)
    take()
    assert session.scalar(select(func.count()).select_from(Transfer)) == 0


def test_a_picture_that_cannot_be_read_is_reported_and_costs_itself_alone(
    dealer: Dealer, session: Session, take: Take
) -> None:
    good = photo()
    report = bring(session, dealer, packed(line(B="A1"), A1_1=b"no picture", A1_2=good))
    take()
    session.refresh(report)
    assert (report.pictures, report.pictures_refused) == (1, 1)
    assert shown(session, "A1") == [good]
    ((place, column, number, value, reason),) = remarks(session, report)
    assert (place, column, number, value) == (0, "Bilder", "A1", "A1_1.jpg")
    assert "kein lesbares Bild" in german(reason)


def test_where_none_can_be_read_the_vehicle_keeps_what_it_had(
    dealer: Dealer, session: Session, take: Take
) -> None:
    good = photo()
    bring(session, dealer, packed(line(B="A1"), A1_1=good))
    take()
    bring(session, dealer, packed(line(B="A1"), A1_1=b"no picture"))
    take()
    assert shown(session, "A1") == [good]


def test_a_vehicle_shows_nothing_until_its_last_picture_is_ready(
    dealer: Dealer, session: Session, sessions: sessionmaker[Session]
) -> None:
    bring(session, dealer, packed(line(B="A1"), A1_1=photo(1), A1_2=photo(2)))
    assert take_incoming(sessions, seconds=0) is True
    assert shown(session, "A1") == []
    assert take_incoming(sessions, seconds=0) is False
    assert len(shown(session, "A1")) == 2


def test_a_newer_file_counts_although_an_older_one_still_waits(
    dealer: Dealer, session: Session, take: Take
) -> None:
    old, new = photo(1), photo(2)
    bring(session, dealer, packed(line(B="A1"), A1_1=old, A1_2=old))
    bring(session, dealer, packed(line(B="A1"), A1_1=new))
    take()
    assert shown(session, "A1") == [new]


def test_pictures_go_by_the_column_that_names_them(dealer: Dealer, session: Session, take: Take) -> None:
    one = photo()
    bring(session, dealer, packed(line(B="A1", AA="golf"), line(B="A2", AA="golf"), golf_1=one))
    take()
    assert shown(session, "A1") == shown(session, "A2") == [one]


def test_pictures_go_by_the_vin_too(dealer: Dealer, session: Session, take: Take) -> None:
    one, two = photo(1), photo(2)
    stock = line(B="A1", O="WVWZZZ1KZAW000001"), line(B="A2")
    bring(session, dealer, packed(*stock, WVWZZZ1KZAW000001_2=two, wvwzzz1kzaw000001_1=one))
    take()
    assert shown(session, "A1") == [one, two]
    assert shown(session, "A2") == []


def test_a_picture_of_a_refused_vehicle_is_not_taken_for_one_of_another(
    dealer: Dealer, session: Session, take: Take
) -> None:
    report = bring(session, dealer, packed(line(B="A"), line(B="A-2", K="0"), **{"A-2": photo()}))
    take()
    assert shown(session, "A") == []
    assert "1 von 1 Bildern" in german(report.note)


def test_a_picture_in_a_format_that_nobody_takes_is_named_in_the_report(
    dealer: Dealer, session: Session, take: Take
) -> None:
    stream = packed(line(B="A1"))
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("Bilder\\A1_1.TIF", photo(form="TIFF"))
    report = bring(session, dealer, stream)
    take()
    [(_, _, _, file_name, reason)] = remarks(session, report)
    assert (file_name, "kein lesbares Bild" in reason) == ("A1_1.TIF", True)


def test_pictures_of_refused_rows_and_of_nobody_are_counted(
    dealer: Dealer, session: Session, take: Take
) -> None:
    rows = line(B="A1"), line(B="A2", K="0")
    report = bring(session, dealer, packed(*rows, A1_1=photo(), A2_1=photo(), XX_1=photo()))
    take()
    assert report.pictures == 1
    assert "2 von 3 Bildern der Zip-Datei gehören zu keinem übernommenen Fahrzeug." in german(report.note)


def test_pictures_stay_at_the_location_of_their_file(build: Build, session: Session, take: Take) -> None:
    """The second dealer, with the same number."""
    alice, charlie = build.dealer(), build.dealer("Autohaus Charlie", "B")
    theirs = build.vehicle(charlie, golf(offer_number="A1"))
    bring(session, alice, packed(line(B="A1"), A1_1=photo()))
    take()
    session.expire_all()
    assert session.get_one(Vehicle, theirs.id).images == []


def test_what_another_dealer_has_is_taken_in_like_any_other(
    build: Build, session: Session, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How long it takes must not tell that somebody else has the same picture."""
    alice, charlie = build.dealer(), build.dealer("Autohaus Charlie", "B")
    bring(session, alice, packed(line(B="A1"), A1_1=photo()))
    take()
    seen: list[bytes] = []
    decode = images._decode
    monkeypatch.setattr(images, "_decode", lambda data: seen.append(data) or decode(data))
    bring(session, charlie, packed(line(B="A1"), A1_1=photo()))
    take()
    assert seen == [photo()]


def test_an_archive_that_cannot_be_read_changes_nothing(dealer: Dealer, session: Session) -> None:
    bring(session, dealer, packed(line(B="A1")))
    cut = io.BytesIO(packed(line(B="A2")).getvalue()[:-30])
    assert "nicht lesbar" in german(bring(session, dealer, cut).error)
    assert vehicle(session, "A1").withdrawn_at is None


def test_no_vehicle_takes_more_pictures_than_it_can_have(
    dealer: Dealer, session: Session, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "MOST_IMAGES", 2)
    report = bring(session, dealer, packed(line(B="A1"), A1_1=photo(1), A1_2=photo(2), A1_3=photo(3)))
    take()
    assert len(shown(session, "A1")) == 2
    assert "höchstens 2 Bilder" in remarks(session, report)[0][4]


def test_pictures_of_a_file_together_have_an_end(
    dealer: Dealer, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming_pictures, "MOST_BYTES", 1)
    report = bring(session, dealer, packed(line(B="A1"), line(B="A2"), A1_1=photo(), A2_1=photo()))
    assert report.pictures == 1
    assert "Die übrigen fehlen" in german(report.note)


def test_a_picture_that_ends_its_process_is_tried_a_few_times(
    dealer: Dealer, session: Session, sessions: sessionmaker[Session], take: Take
) -> None:
    """What a worker had claimed when it died comes back after a while, but not for ever."""
    report = bring(session, dealer, packed(line(B="A1"), A1_1=photo(1), A1_2=photo(2)))
    first = select(IncomingPicture.id).order_by(IncomingPicture.id).limit(1).scalar_subquery()
    claimed = update(IncomingPicture).where(IncomingPicture.id == first)
    session.execute(claimed.values(claimed_at=func.now(), attempts=incoming_pictures.MOST_ATTEMPTS))
    session.commit()
    take()
    assert count_waiting(session, report.id) == 2, "somebody may still be at it"
    with sessions() as other:
        assert not pictures_wait(other)
    session.execute(claimed.values(claimed_at=datetime.now(UTC) - timedelta(minutes=3)))
    session.commit()
    take()
    assert shown(session, "A1") == [photo(2)]
    assert "lässt sich nicht verarbeiten" in remarks(session, report)[0][4]


def test_the_look_of_every_second_reads_no_more_where_many_wait(
    build: Build, dealer: Dealer, session: Session, sessions: sessionmaker[Session]
) -> None:
    """A worker is at some of them: of one vehicle all but the last is taken in."""
    bring(session, dealer, packed(line(B="A1"), A1_1=photo()))
    brought = session.scalars(select(IncomingPicture)).one()
    brought.content, brought.sha256 = None, None
    some = {"import_id": brought.import_id, "offer_number": "A", "file_name": "a", "given_sha256": "0" * 64}
    session.add(IncomingPicture(**some, vehicle_id=brought.vehicle_id, position=1, content=b"1"))
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    touched = []
    for vehicles in (20, 400):
        keys = [build.vehicle(dealer).id for _ in range(vehicles)]
        session.add_all(IncomingPicture(**some, vehicle_id=key, position=0, content=b"1") for key in keys)
        session.commit()
        with sessions() as other, effort_of(engine) as effort:
            assert pictures_wait(other)
            assert not other.scalars(incoming_pictures._complete()).all()
        touched.append(sum(effort.pages.values()))
    assert touched[1] <= touched[0] + 10


def test_a_placeholder_of_many_vehicles_is_converted_once(
    dealer: Dealer, session: Session, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bytes] = []
    decode = images._decode
    monkeypatch.setattr(images, "_decode", lambda data: seen.append(data) or decode(data))
    rows = [line(B=f"A{number}", AA="coming-soon") for number in range(5)]
    bring(session, dealer, packed(*rows, **{"coming-soon_1": photo(comment=b"ours")}))
    take()
    assert len(seen) == 1
    assert all(len(shown(session, f"A{number}")) == 1 for number in range(5))
