"""Publishing a file compares two whole sets: on tables never analysed the pages touched grow with the stock,
not with its square."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.exports.stock_files import confirm, publish
from portal.models.exports import RunKind
from portal.models.plans import without_nested_loops
from portal.models.runs import Run
from tests.exports.stock_files.conftest import FileStage

FEW, MANY = 1_000, 8_000
ALLOWED = 1.5
"""Times linear: indexes grow in steps."""
ANYWAY = 8
"""Pages of the catalogue and of the roots of indexes, read or not as it happens."""
STATEMENTS = {
    "dropped": publish._DROPPED,
    "added": publish._ADDED,
    "list": publish._LIST,
    "unlist": publish._UNLIST,
    "verdicts": confirm._LIST_VERDICTS,
}
VEHICLES = text(
    """
    INSERT INTO vehicle (dealer_id, location_id, online, data)
    SELECT v.dealer_id, v.location_id, true, v.data || jsonb_build_object('offer_number', 'F' || n)
    FROM vehicle v, generate_series(1, :many) AS n WHERE v.id = :like RETURNING id
    """
)
IN_FILE = text(
    """
    INSERT INTO run_vehicle (run_id, vehicle_id, number, result)
    SELECT :run, id, 'n', 'accepted' FROM vehicle
    """
)
ONLINE = text(
    "INSERT INTO listing (activation_id, vehicle_id, state) SELECT :activation, id, 'online' FROM vehicle"
)


def touched(stage: FileStage, vehicles: int, statement: TextClause) -> int:
    """Pages that the statement touches at so many vehicles, all of them online and in the file."""
    session: Session = stage.session
    like = stage.build.vehicle(stage.dealer)
    run = Run(activation_id=stage.activation.id, kind=RunKind.FILE)
    session.add(run)
    session.flush()
    keys: dict[str, UUID] = {"run": run.id, "activation": stage.activation.id, "before": run.id}
    session.execute(VEHICLES, {"like": like.id, "many": vehicles})
    session.execute(IN_FILE, {"run": run.id})
    session.execute(ONLINE, {"activation": stage.activation.id})
    with without_nested_loops(session):
        plan: Any = session.scalar(text(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement.text}"), keys)
    top = plan[0]["Plan"]
    session.rollback()
    return int(top["Shared Hit Blocks"] + top["Shared Read Blocks"])


@pytest.mark.parametrize("name", STATEMENTS)
def test_what_a_file_touches_grows_with_the_stock_alone(stage: FileStage, name: str) -> None:
    few, many = (touched(stage, number, STATEMENTS[name]) for number in (FEW, MANY))
    assert many <= few * (MANY / FEW) * ALLOWED + ANYWAY


def test_afterwards_loops_are_allowed_again(stage: FileStage) -> None:
    with without_nested_loops(stage.session):
        assert stage.session.scalar(text("SHOW enable_nestloop")) == "off"
    assert stage.session.scalar(text("SHOW enable_nestloop")) == "on"
