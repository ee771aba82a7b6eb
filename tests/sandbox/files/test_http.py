"""Upload, reports, control and the page of the file portal."""

from __future__ import annotations

import pytest

from portal.sandbox.files.desk import PASSWORD
from tests.sandbox.conftest import Box
from tests.sandbox.files.conftest import MUSTER, FilePortal, row, table


@pytest.mark.parametrize(
    "login", [None, (MUSTER, "wrong"), ("4711002", PASSWORD), ("portal", "portal-sandbox"), ("nobody", "")]
)
def test_only_the_seller_enters(login: tuple[str, str] | None, files: FilePortal) -> None:
    for answer in (
        files.http.post(f"/dateiportal/{MUSTER}/upload", files={"file": ("a.csv", b"")}, auth=login),
        files.http.options(f"/dateiportal/{MUSTER}/upload", auth=login),
        files.http.get(f"/dateiportal/{MUSTER}/a.csv", auth=login),
    ):
        assert answer.status_code == 401
    assert files.books()["generations"] == []


def test_an_unknown_seller_has_no_folder(files: FilePortal) -> None:
    assert files.upload(b"", number="999").status_code == 401
    assert files.http.get("/control/files/999").status_code == 404


@pytest.mark.parametrize("name", ["", "../a.csv", "a/b.csv", ".."])
def test_a_name_that_leads_elsewhere_is_refused(name: str, files: FilePortal) -> None:
    assert files.upload(b"x", name).status_code in (200, 400)
    assert all("/" not in stored for stored in files.books()["files"])
    assert files.http.post("/control/files/4711001/folders", json={"folder": "../x"}).status_code == 400


def test_a_form_without_a_file_is_refused(files: FilePortal) -> None:
    answer = files.http.post(f"/dateiportal/{MUSTER}/upload", data={"x": "y"}, auth=(MUSTER, PASSWORD))
    assert answer.status_code == 400


def test_more_than_fifty_megabytes_are_refused(files: FilePortal) -> None:
    assert files.upload(bytes(51 * 1024 * 1024), "gross.bin").status_code == 413
    assert files.books()["files"] == {}


def test_a_missing_report_is_a_404(files: FilePortal) -> None:
    assert files.http.get(f"/dateiportal/{MUSTER}/x.csv", auth=(MUSTER, PASSWORD)).status_code == 404


def test_the_page_shows_generations_and_what_was_not_readable(files: FilePortal) -> None:
    files.upload(table(row("A-1"), row("A-2", K="0")))
    files.upload(b"no zip", "bestand.zip")
    page = files.http.get("/dateiportal").text
    assert "Autohaus Muster GmbH" in page
    assert "1 Fahrzeuge online" in page
    assert "nicht lesbar (zip-unreadable)" in page


def test_a_feed_is_pulled_imported_and_asked_for_only_when_it_changed(
    files: FilePortal, sandbox: Box
) -> None:
    files.upload(table(row("A-1")))
    source = {"url": f"{sandbox.url}/dateiportal/{MUSTER}/bestand.csv", "name": "feed.csv"}
    login = {"username": MUSTER, "password": PASSWORD}
    refused = files.http.post("/control/files/4711002/pull", json=source).json()
    assert (refused["status"], refused["sha256"]) == (401, None)
    told = files.http.post("/control/files/4711002/pull", json={**source, **login}).json()
    assert told["status"] == 200
    assert told["sha256"] == files.books()["generations"][0]["sha256"]
    # The feed belongs to another customer number: every row is refused, and that is in the books.
    assert [(g["via"], g["rejected"]) for g in files.books("4711002")["generations"]] == [("pull", 1)]


def test_a_feed_that_nobody_serves_is_said_so(files: FilePortal) -> None:
    body = {"url": "http://127.0.0.1:1/feed.csv", "name": "feed.csv"}
    assert files.http.post("/control/files/4711001/pull", json=body).status_code == 502
    assert files.http.post("/control/files/4711001/pull", json={"name": "x"}).status_code == 400


def test_a_reset_empties_the_portal(files: FilePortal) -> None:
    files.upload(table(row("A-1")))
    assert files.http.post("/control/reset", json={}).status_code == 204
    assert files.books() == {"files": {}, "generations": [], "vehicles": {}}


def test_servers_tell_how_they_are_reached(sandbox: Box) -> None:
    servers = sandbox.http.get("/control/servers").json()
    assert servers["hostKey"].startswith("ssh-ed25519 SHA256:")
    assert all(servers[name] > 0 for name in ("sftpPort", "ftpPort", "smtpPort"))


@pytest.mark.parametrize(
    "fault",
    [
        {"effect": "hang", "kinds": ["upload"]},
        {"effect": "disk-full", "afterBytes": -1},
        {"effect": "reset", "afterBytes": "60 %"},
    ],
)
def test_senseless_faults_are_refused(fault: dict[str, object], sandbox: Box) -> None:
    assert sandbox.http.post("/control/faults", json=fault).status_code == 400


def test_a_full_disk_does_not_trouble_the_api(sandbox: Box) -> None:
    for effect in ("disk-full", "wrong-host-key", "hang"):
        sandbox.fault(effect)
    assert sandbox.create().status_code == 201
