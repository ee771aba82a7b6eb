"""`flask --app portal import-vehicles`."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskCliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import Dealer, Vehicle
from tests.formats.stock_file import line


def stock(folder: Path, *lines: str) -> str:
    file = folder / "bestand.csv"
    file.write_bytes("".join(lines).encode("iso-8859-15"))
    return str(file)


def test_counts_and_refused_rows_are_printed(
    runner: FlaskCliRunner, dealer: Dealer, session: Session, tmp_path: Path
) -> None:
    file = stock(tmp_path, line(B="A1"), line(B="A2", K="0"))
    result = runner.invoke(args=["import-vehicles", file, "--dealer", dealer.key, "--location", "HH"])
    assert result.exit_code == 0
    assert "Zeile 2, Spalte K · Preis [A2]: Der Preis ist 0. („0“)" in result.output
    assert "1 taken, 0 changed, 0 unchanged, 1 rejected, 0 withdrawn" in result.output
    assert session.scalars(select(Vehicle.offer_number)).all() == ["A1"]


@pytest.mark.parametrize(("flags", "withdrawn"), [((), 1), (("--partial",), 0)])
def test_complete_is_the_default(
    flags: tuple[str, ...], withdrawn: int, runner: FlaskCliRunner, dealer: Dealer, tmp_path: Path
) -> None:
    command = ["import-vehicles", "--dealer", dealer.key, "--location", "HH"]
    runner.invoke(args=[*command, stock(tmp_path, line(B="A1"))])
    result = runner.invoke(args=[*command, stock(tmp_path, line(B="A2")), *flags])
    assert f"{withdrawn} withdrawn" in result.output


def test_what_cannot_be_read_ends_with_a_message(
    runner: FlaskCliRunner, dealer: Dealer, tmp_path: Path
) -> None:
    (tmp_path / "leer.csv").touch()
    wrong = {"leer.csv": "Die Datei ist leer", "fehlt.csv": "No such file", ".": "Is a directory"}
    for name, said in wrong.items():
        file = str(tmp_path / name)
        result = runner.invoke(args=["import-vehicles", file, "--dealer", dealer.key, "--location", "HH"])
        assert result.exit_code == 1
        assert said in result.output


def test_unknown_dealers_and_locations_are_named(
    runner: FlaskCliRunner, dealer: Dealer, tmp_path: Path
) -> None:
    file = stock(tmp_path, line())
    unknown = runner.invoke(args=["import-vehicles", file, "--dealer", "niemand", "--location", "HH"])
    assert (unknown.exit_code, "no dealer niemand" in unknown.output) == (1, True)
    elsewhere = runner.invoke(args=["import-vehicles", file, "--dealer", dealer.key, "--location", "XX"])
    assert (elsewhere.exit_code, "(locations: HH)" in elsewhere.output) == (1, True)
