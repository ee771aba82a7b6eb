"""The file portal as a dealer system sees it, by HTTP."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import httpx
import pytest

from portal.sandbox.files.desk import PASSWORD
from tests.sandbox.conftest import Box

MUSTER = "4711001"


def row(number: str, **changes: str) -> list[str]:
    """A row that is taken; members are named by their column's letters."""
    columns = {
        "A": MUSTER,
        "B": number,
        "C": "Limousine",
        "D": "VW",
        "E": "Golf",
        "I": "05.2018",
        "J": "50000",
    }
    fields = [""] * 60
    for letters, text in {**columns, "K": "9990", **changes}.items():
        fields[_position(letters)] = text
    return fields


def _position(letters: str) -> int:
    position = 0
    for letter in letters:
        position = position * 26 + ord(letter) - ord("A") + 1
    return position - 1


def table(*rows: list[str]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("iso-8859-15")


def archive(**files: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for name, content in files.items():
            packed.writestr(name.replace("__", "."), content)
    return stream.getvalue()


class FilePortal:
    def __init__(self, box: Box) -> None:
        self.box = box
        self.http = box.http

    def upload(self, content: bytes, name: str = "bestand.csv", number: str = MUSTER) -> httpx.Response:
        return self.http.post(
            f"/dateiportal/{number}/upload", files={"file": (name, content)}, auth=(number, PASSWORD)
        )

    def taken(self, content: bytes, name: str = "bestand.csv") -> list[dict[str, str]]:
        """The rows of the report, the first of them is about the file."""
        assert self.upload(content, name).status_code == 200
        return self.report(name)

    def report(self, name: str = "bestand.csv") -> list[dict[str, str]]:
        answer = self.http.get(f"/dateiportal/{MUSTER}/{name}.report.csv", auth=(MUSTER, PASSWORD))
        return list(csv.DictReader(io.StringIO(answer.content.decode()), delimiter=";"))

    def books(self, number: str = MUSTER, **query: str) -> dict[str, Any]:
        answer = self.http.get(f"/control/files/{number}", params=query)
        assert answer.status_code == 200
        return dict(answer.json())

    def online(self) -> set[str]:
        return set(self.books()["vehicles"])


@pytest.fixture
def files(sandbox: Box) -> FilePortal:
    return FilePortal(sandbox)
