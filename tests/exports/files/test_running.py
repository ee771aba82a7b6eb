"""A whole-stock run from the button to the file, and what becomes of it."""

from __future__ import annotations

from tests.exports.files.conftest import FileStage


def test_a_run_publishes_the_released_vehicles_and_counts_them(stage: FileStage) -> None:
    good, hinted, incomplete = stage.vehicle(), stage.vehicle(vin=""), stage.vehicle(make="")
    stage.build.vehicle(stage.dealer)
    run = stage.run()
    assert run.state == "partial"
    assert (run.total, run.accepted, run.hinted, run.rejected) == (2, 1, 1, 0)
    assert run.counts["left_out"] == 1
    assert stage.numbers() == [good.offer_number, hinted.offer_number]
    assert stage.results(run) == {
        good.offer_number: "accepted",
        hinted.offer_number: "hinted",
        incomplete.offer_number: "left_out",
    }
    assert stage.online() == {good.offer_number, hinted.offer_number}
