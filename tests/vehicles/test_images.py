"""Pictures: what is taken in, what is left out of them, and their order."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys

import pytest
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.models import ImageBlob, Transfer, Vehicle, VehicleImage
from portal.vehicles import images
from portal.vehicles.images import (
    ImageRefused,
    add_image,
    arrange_images,
    move_image,
    remove_image,
    set_published,
)
from tests.builders import Build

ORIENTATION, MAKER = 0x0112, 0x010F
ROTATED = 6


def picture(
    size: tuple[int, int] = (640, 480),
    form: str = "JPEG",
    mode: str = "RGB",
    colour: object = "red",
    **save: object,
) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, colour).save(buffer, form, **save)  # type: ignore[arg-type]
    return buffer.getvalue()


def with_exif() -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = ROTATED
    exif[MAKER] = "Kamera mit Seriennummer"
    return picture((640, 480), exif=exif)


def decoded(session: Session, image: VehicleImage) -> Image.Image:
    blob = session.get_one(ImageBlob, image.sha256)
    return Image.open(io.BytesIO(blob.jpeg))


def order(session: Session, vehicle: Vehicle) -> list[object]:
    session.expire_all()
    return [image.id for image in vehicle.images]


@pytest.fixture
def vehicle(build: Build) -> Vehicle:
    dealer = build.dealer()
    vehicle = build.vehicle(dealer)
    build.release(vehicle, build.activation(dealer))
    return vehicle


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_every_format_becomes_a_jpeg_named_by_its_content(
    form: str, vehicle: Vehicle, session: Session
) -> None:
    image = add_image(session, vehicle, picture(form=form))
    session.commit()
    blob = session.get_one(ImageBlob, image.sha256)
    assert hashlib.sha256(blob.jpeg).hexdigest() == blob.sha256
    assert (blob.width, blob.height, blob.size) == (640, 480, len(blob.jpeg))
    assert decoded(session, image).format == "JPEG"


def test_large_pictures_are_scaled_down(vehicle: Vehicle, session: Session) -> None:
    image = add_image(session, vehicle, picture((4000, 3000)))
    blob = session.get_one(ImageBlob, image.sha256)
    assert (blob.width, blob.height) == (2048, 1536)
    assert Image.open(io.BytesIO(blob.thumbnail)).size == (320, 240)


def test_a_picture_is_upright_and_carries_no_metadata(vehicle: Vehicle, session: Session) -> None:
    image = add_image(session, vehicle, with_exif())
    opened = decoded(session, image)
    assert opened.size == (480, 640)
    assert not opened.getexif()


def test_transparency_becomes_white(vehicle: Vehicle, session: Session) -> None:
    image = add_image(session, vehicle, picture(form="PNG", mode="RGBA", colour=(0, 0, 0, 0)))
    assert decoded(session, image).getpixel((10, 10)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "kein lesbares Bild"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "kein lesbares Bild"),
        (picture()[:300], "kein lesbares Bild"),
        (picture(form="GIF"), "kein lesbares Bild"),
        (picture((5001, 5000), "PNG", "1", 0), "25 Millionen Pixel"),
        (picture() + b"\0" * images.MOST_BYTES, "größer als 20 MB"),
    ],
)
def test_what_is_no_picture_is_refused(data: bytes, said: str, vehicle: Vehicle, session: Session) -> None:
    with pytest.raises(ImageRefused, match=said):
        add_image(session, vehicle, data)
    assert session.scalar(select(func.count()).select_from(ImageBlob)) == 0


@pytest.mark.parametrize("form", images.FORMATS)
def test_every_format_is_measured_by_its_header(
    form: str, vehicle: Vehicle, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "MOST_PIXELS", 640 * 480 - 1)
    monkeypatch.setattr(images, "rendered", lambda _: pytest.fail("decoded before it was measured"))
    with pytest.raises(ImageRefused, match="Millionen Pixel"):
        add_image(session, vehicle, picture(form=form))


def with_scans(more: int, between: bytes = b"") -> bytes:
    """A JPEG of ten scans, coarse to fine, with its last one repeated."""
    jpeg = picture(progressive=True)
    last = jpeg[jpeg.rindex(b"\xff\xda") : -2]
    return jpeg[:-2] + (between + last) * more + jpeg[-2:]


@pytest.mark.parametrize("between", [b"", b"\xff\x01", b"\xff\xff\xff", b"\xff\xd0"])
def test_a_jpeg_of_a_thousand_passes_is_refused(between: bytes, vehicle: Vehicle, session: Session) -> None:
    add_image(session, vehicle, with_scans(20, between))
    with pytest.raises(ImageRefused, match="ungewöhnlich aufgebaut"):
        add_image(session, vehicle, with_scans(1_000, between))


def test_what_a_telephone_hangs_onto_a_picture_counts_no_passes(vehicle: Vehicle, session: Session) -> None:
    film = b"\xff\xda\x00\x02" * 1_000
    add_image(session, vehicle, picture(comment=film) + film)


def test_a_process_decodes_one_picture_at_a_time(
    vehicle: Vehicle, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "PATIENCE", 0.01)
    with images._one_at_a_time(), pytest.raises(ImageRefused, match="gleich noch einmal"):
        add_image(session, vehicle, picture())
    add_image(session, vehicle, picture())


def test_the_largest_picture_takes_little_memory() -> None:
    """Three bytes a pixel and what comes of them; it was 1.2 GB for a file of 233 kB."""
    measure = (
        "import io, resource; from PIL import Image; from portal.vehicles import images\n"
        "file = io.BytesIO(); Image.new('RGB', (5000, 5000), 'red').save(file, 'PNG')\n"
        "taken = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "before = taken(); images._decode(file.getvalue()); print((taken() - before) // 1024)"
    )
    answer = subprocess.run([sys.executable, "-c", measure], capture_output=True, check=True, text=True)
    assert int(answer.stdout) < 150


def test_a_large_jpeg_is_decoded_at_reduced_size(
    vehicle: Vehicle, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a half, a quarter, an eighth: as far as what is kept allows."""
    decoded_at = []
    shrunk = images._shrunk
    monkeypatch.setattr(images, "_shrunk", lambda opened: decoded_at.append(opened.size) or shrunk(opened))
    add_image(session, vehicle, picture((4900, 4900)))
    add_image(session, vehicle, picture((4900, 4900), form="PNG", mode="1", colour=0))
    assert decoded_at == [(2450, 2450), (4900, 4900)]


def test_the_same_picture_twice_is_kept_once(vehicle: Vehicle, session: Session) -> None:
    first, second = (add_image(session, vehicle, picture()) for _ in range(2))
    assert first.sha256 == second.sha256
    assert session.scalar(select(func.count()).select_from(ImageBlob)) == 1


def test_there_is_a_limit_per_vehicle(
    vehicle: Vehicle, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "MOST_IMAGES", 1)
    add_image(session, vehicle, picture())
    with pytest.raises(ImageRefused, match="höchstens 1"):
        add_image(session, vehicle, picture())


def test_pictures_are_moved_and_removed(vehicle: Vehicle, session: Session) -> None:
    one, two, three = (add_image(session, vehicle, picture(colour=c)) for c in ("red", "green", "blue"))
    session.commit()
    move_image(session, vehicle, three, -1)
    session.commit()
    assert order(session, vehicle) == [one.id, three.id, two.id]
    remove_image(session, vehicle, one)
    session.commit()
    assert order(session, vehicle) == [three.id, two.id]
    add_image(session, vehicle, picture())
    session.commit()
    assert order(session, vehicle)[:2] == [three.id, two.id]


def test_every_change_is_noted_and_no_change_is_not(vehicle: Vehicle, session: Session) -> None:
    def noted() -> bool:
        found = bool(session.scalars(select(Transfer)).all())
        for row in session.scalars(select(Transfer)):
            session.delete(row)
        session.commit()
        return found

    one = add_image(session, vehicle, picture())
    assert noted()
    add_image(session, vehicle, picture(colour="blue"))
    assert noted()
    move_image(session, vehicle, one, 1)
    assert noted()
    move_image(session, vehicle, one, 1)
    assert not noted()
    set_published(session, vehicle, one, False)
    assert noted()
    set_published(session, vehicle, one, False)
    assert not noted()
    remove_image(session, vehicle, one)
    assert noted()


def test_the_same_bytes_again_are_the_same_picture_and_are_not_rendered_again(
    session: Session, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    dealer = build.dealer()
    first = add_image(session, build.vehicle(dealer, offer_number="A1"), picture())
    monkeypatch.setattr(images, "store", None)
    second = add_image(session, build.vehicle(dealer, offer_number="A2"), picture())
    assert (first.sha256, first.given_sha256) == (second.sha256, hashlib.sha256(picture()).hexdigest())


def test_a_picture_of_our_own_comes_back_as_itself(session: Session, build: Build) -> None:
    """Rendered a second time it would be another one, a little worse."""
    vehicle = build.vehicle(build.dealer())
    shown = add_image(session, vehicle, picture(colour="blue"))
    content = session.scalars(select(ImageBlob.jpeg).where(ImageBlob.sha256 == shown.sha256)).one()
    remove_image(session, vehicle, shown)
    assert add_image(session, vehicle, content).sha256 == shown.sha256


def test_what_another_dealer_sent_is_not_looked_up(
    session: Session, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How long it takes must not tell that somebody else has the same file."""
    rendered: list[bytes] = []
    store = images.store
    monkeypatch.setattr(images, "store", lambda session, data: rendered.append(data) or store(session, data))
    add_image(session, build.vehicle(build.dealer("Autohaus Charlie", code="CH")), picture())
    add_image(session, build.vehicle(build.dealer()), picture())
    assert rendered == [picture(), picture()]


def test_pictures_are_arranged_as_wanted_and_the_others_go(session: Session, build: Build) -> None:
    vehicle = build.vehicle(build.dealer())
    one, two, three = (add_image(session, vehicle, picture(colour=c)) for c in ("red", "green", "blue"))
    assert arrange_images(session, vehicle, [three, one])
    assert [image.id for image in vehicle.images] == [three.id, one.id]
    assert not arrange_images(session, vehicle, [three, one])
    assert session.get(VehicleImage, two.id) is None
