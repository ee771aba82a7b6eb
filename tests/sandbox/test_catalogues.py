"""Google, Meta, TikTok and Microsoft fetch feeds and refuse what their operators refuse."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from portal.sandbox.catalogues import CATALOGUES
from portal.sandbox.catalogues.catalogue import JudgedRow, judge
from portal.sandbox.catalogues.google import CERTIFICATION
from portal.sandbox.catalogues.reading import Unreadable, rows_of
from tests.sandbox.conftest import Box, jpeg

PICTURE, PAGE = "https://portal.example/1.jpg", "https://www.autohaus.example/fahrzeuge/A-1"
GOOD: dict[str, dict[str, str]] = {
    "google-vehicle-ads": {
        "id": "A-1",
        "vin": "WVWZZZ1KZAW000001",
        "store_code": "HH-1",
        "google_product_category": "916",
        "brand": "VW",
        "model": "Golf",
        "year": "2018",
        "condition": "Used",
        "mileage": "50000 km",
        "price": "12990 EUR",
        "image_link": PICTURE,
        "link": PAGE,
        "engine": "gasoline",
        "co2_emissions": "123 g/km",
        "date_first_registered": "2018-05",
        "fuel_consumption": "5.3 l/100km",
        "fuel_consumption_discharged_battery": "",
        "energy_consumption": "",
        "electric_range": "",
        CERTIFICATION: "BMWK:Vehicle_CO2_Class:C",
    },
    "meta-catalog": {
        "vehicle_id": "A-1",
        "title": "VW Golf",
        "description": "Scheckheft",
        "url": PAGE,
        "make": "VW",
        "model": "Golf",
        "year": "2018",
        "mileage.value": "50000",
        "mileage.unit": "KM",
        "price": "12990 EUR",
        "state_of_vehicle": "USED",
        "exterior_color": "Silber",
        "body_style": "HATCHBACK",
        "image[0].url": PICTURE,
        "vin": "",
    },
    "microsoft-autos": {
        "Country": "DE",
        "Final URL": PAGE,
        "Image URL": f"{PICTURE};{PICTURE}",
        "Make": "VW",
        "Model": "Golf",
        "Target campaign": "Gebrauchtwagen",
        "Vehicle Id": "A-1",
        "Price": "12990.00 EUR",
    },
}
GOOD["tiktok-automotive"] = {
    **{name: value for name, value in GOOD["meta-catalog"].items() if name != "image[0].url"},
    "image_link": PICTURE,
    "transmission": "manual",
}
NEW_PLUG_IN = {
    "condition": "New",
    "engine": "plug-in_hybrid",
    "fuel_consumption_discharged_battery": "7.1 l/100km",
    "energy_consumption": "17.2 kWh/100km",
    "electric_range": "60 km",
}


def feed(slug: str, *rows: dict[str, str]) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(GOOD[slug]), delimiter=CATALOGUES[slug].separator)
    writer.writeheader()
    writer.writerows([GOOD[slug] | row for row in rows])
    return stream.getvalue().encode()


def judged(slug: str, *rows: dict[str, str]) -> list[JudgedRow]:
    return judge(CATALOGUES[slug], rows_of(CATALOGUES[slug], feed(slug, *rows)))


def codes(row: JudgedRow) -> set[tuple[str, str]]:
    return {(finding.code, finding.column) for finding in row.findings}


@pytest.mark.parametrize("slug", CATALOGUES)
def test_what_is_as_the_operator_says_is_taken(slug: str) -> None:
    (row,) = judged(slug, {})
    assert (row.findings, row.line) == ((), 2)


@pytest.mark.parametrize(
    ("slug", "changed", "code", "column"),
    [
        ("google-vehicle-ads", {"price": "12.990 €"}, "form", "price"),
        ("google-vehicle-ads", {"engine": ""}, "missing", "engine"),
        ("google-vehicle-ads", {"co2_emissions": ""}, "missing", "co2_emissions"),
        ("google-vehicle-ads", {"date_first_registered": ""}, "missing", "date_first_registered"),
        ("google-vehicle-ads", {"date_first_registered": "05.2018"}, "form", "date_first_registered"),
        ("google-vehicle-ads", {"condition": "New", "fuel_consumption": ""}, "missing", "fuel_consumption"),
        ("google-vehicle-ads", {"condition": "New", CERTIFICATION: ""}, "class-missing", CERTIFICATION),
        ("google-vehicle-ads", {"engine": "electric"}, "missing", "energy_consumption"),
        ("google-vehicle-ads", NEW_PLUG_IN, "class-missing", CERTIFICATION),
        ("meta-catalog", {"exterior_color": ""}, "missing", "exterior_color"),
        ("meta-catalog", {"body_style": "Kombi"}, "form", "body_style"),
        ("meta-catalog", {"vin": "WVW"}, "form", "vin"),
        ("meta-catalog", {"description": "Mehr auf www.autohaus.example"}, "link", "description"),
        ("meta-catalog", {"description": "SOFORT VERFÜGBAR, NUR HEUTE"}, "capitals", "description"),
        ("meta-catalog", {"title": "x" * 501}, "too-long", "title"),
        ("tiktok-automotive", {"image_link": ""}, "missing", "image_link"),
        ("tiktok-automotive", {"transmission": "semi"}, "form", "transmission"),
        ("microsoft-autos", {"Target campaign": ""}, "missing", "Target campaign"),
        ("microsoft-autos", {"Price": "12990 EUR"}, "form", "Price"),
        ("microsoft-autos", {"Image URL": f"{PICTURE},{PICTURE}"}, "form", "Image URL"),
        ("microsoft-autos", {"Image URL": PICTURE + "x" * 2048}, "too-long", "Image URL"),
    ],
)
def test_what_the_operator_refuses_is_refused(
    slug: str, changed: dict[str, str], code: str, column: str
) -> None:
    (row,) = judged(slug, changed)
    assert (code, column) in codes(row)
    assert not row.is_taken
    assert all(finding.text for finding in row.findings)


def test_a_new_plug_in_hybrid_with_both_classes_is_taken() -> None:
    both = "BMWK:Vehicle_CO2_Class:B,BMWK:Vehicle_CO2_Class_Discharged_Battery:E"
    (row,) = judged("google-vehicle-ads", NEW_PLUG_IN | {CERTIFICATION: both})
    assert row.findings == ()


@pytest.mark.parametrize("slug", CATALOGUES)
def test_of_vehicles_with_one_id_none_is_taken(slug: str) -> None:
    key = CATALOGUES[slug].key
    first, second, other = (
        judged(slug, {"vin": ""}, {"vin": ""}, {key: "A-2"} | {"vin": ""})
        if ("vin" in GOOD[slug])
        else judged(slug, {}, {}, {key: "A-2"})
    )
    assert codes(first) == codes(second) == {("repeated", key)}
    assert other.is_taken


def test_google_takes_no_two_offers_with_one_vin() -> None:
    first, second = judged("google-vehicle-ads", {}, {"id": "A-2"})
    assert codes(first) == codes(second) == {("repeated", "vin")}


@pytest.mark.parametrize(
    "content",
    [b"", b"brand\tmodel\nVW\tGolf\n", "id\tbrand\nÄ\tVW\n".encode("latin-1"), b"id\tbrand\nA-1\n"],
)
def test_a_file_that_nobody_can_read_says_why(content: bytes) -> None:
    with pytest.raises(Unreadable):
        rows_of(CATALOGUES["google-vehicle-ads"], content)


class Website:
    """Serves what is put into it, by path, with the length as ETag."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
        website = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                content = website.pages.get(self.path)
                etag = f'"{hash(content)}"'
                known = content is not None and self.headers.get("If-None-Match") == etag
                self.send_response(404 if content is None else 304 if known else 200)
                self.send_header("ETag", etag)
                self.end_headers()
                if content is not None and not known:
                    self.wfile.write(content)

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def website() -> Iterator[Website]:
    website = Website()
    yield website
    website.server.shutdown()
    website.server.server_close()


def fetched(sandbox: Box, website: Website, slug: str = "google-vehicle-ads", **body: Any) -> dict[str, Any]:
    body = {"url": f"{website.url}/feed", **body}
    answer = sandbox.http.post(f"/control/catalogues/{slug}/fetch", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def rows(sandbox: Box, website: Website, slug: str = "google-vehicle-ads") -> list[dict[str, Any]]:
    answer = sandbox.http.get(f"/control/catalogues/{slug}/rows", params={"url": f"{website.url}/feed"})
    return list(answer.json()["rows"])


def test_what_is_missing_in_the_next_file_is_not_shown_any_more(sandbox: Box, website: Website) -> None:
    slug = "google-vehicle-ads"
    website.pages["/feed"] = feed(slug, {}, {"id": "A-2", "vin": ""}, {"id": "A-3", "vin": "", "price": "0"})
    first = fetched(sandbox, website)
    assert (first["accepted"], first["rejected"], first["deleted"]) == (2, 1, 0)
    website.pages["/feed"] = feed(slug, {"id": "A-2"})
    second = fetched(sandbox, website)
    assert (second["accepted"], second["deleted"]) == (1, 1)
    assert [row["key"] for row in rows(sandbox, website)] == ["A-2"]


def test_a_file_that_is_unchanged_unreadable_or_gone_changes_nothing(sandbox: Box, website: Website) -> None:
    website.pages["/feed"] = feed("google-vehicle-ads", {})
    fetched(sandbox, website)
    assert fetched(sandbox, website)["status"] == 304
    website.pages["/feed"] = b"nonsense"
    assert "Kopfzeile" in fetched(sandbox, website)["refused"]
    del website.pages["/feed"]
    assert fetched(sandbox, website)["status"] == 404
    assert [row["isTaken"] for row in rows(sandbox, website)] == [True]


def test_the_page_shows_each_row_with_its_faults(sandbox: Box, website: Website) -> None:
    website.pages["/feed"] = feed("meta-catalog", {}, {"vehicle_id": "A-2", "price": "viel"})
    told = fetched(sandbox, website, "meta-catalog")
    assert f"/kataloge/{told['feed']}" in sandbox.http.get("/kataloge").text
    page = sandbox.http.get(f"/kataloge/{told['feed']}?faulty=1").text
    assert "price: „viel“ hat nicht die verlangte Form." in page
    assert "A-2" in page
    assert "A-1" not in page
    assert sandbox.http.get("/kataloge/999999").status_code == 404


@pytest.mark.parametrize(
    ("slug", "picture", "code", "taken"),
    [
        ("tiktok-automotive", jpeg(size=(400, 600)), "picture-small", False),
        ("tiktok-automotive", jpeg(size=(800, 600)), None, True),
        ("microsoft-autos", jpeg(size=(2048, 1536)), "picture-large", True),
        ("meta-catalog", b"x" * (4 * 1024 * 1024 + 1), "picture-heavy", False),
        ("meta-catalog", b"no picture", "no-picture", False),
        ("meta-catalog", None, "unreachable", False),
    ],
)
def test_pictures_are_looked_at(
    sandbox: Box, website: Website, slug: str, picture: bytes | None, code: str | None, taken: bool
) -> None:
    url = f"{website.url}/1.jpg"
    if picture is not None:
        website.pages["/1.jpg"] = picture
    website.pages["/feed"] = feed(slug, {CATALOGUES[slug].picture: url})
    fetched(sandbox, website, slug, look=["pictures"])
    (row,) = rows(sandbox, website, slug)
    assert row["isTaken"] is taken
    assert code is None or code in {finding["code"] for finding in row["findings"]}


@pytest.mark.parametrize(("page", "taken"), [(b"VW Golf, Nr. A-1", True), (b"VW Golf", False)])
def test_google_looks_for_the_id_on_the_page(
    sandbox: Box, website: Website, page: bytes, taken: bool
) -> None:
    website.pages["/golf"] = page
    website.pages["/feed"] = feed("google-vehicle-ads", {"link": f"{website.url}/golf"})
    fetched(sandbox, website, look=["pages"])
    assert [row["isTaken"] for row in rows(sandbox, website)] == [taken]


@pytest.mark.parametrize("body", [{}, {"url": 7}, {"url": "http://x", "look": ["all"]}])
def test_a_wrong_order_is_refused(sandbox: Box, body: dict[str, Any]) -> None:
    assert sandbox.http.post("/control/catalogues/meta-catalog/fetch", json=body).status_code == 400
    assert sandbox.http.post("/control/catalogues/unknown/fetch", json={"url": "http://x"}).status_code == 404
    assert sandbox.http.get("/control/catalogues/meta-catalog/rows?url=x").status_code == 404
