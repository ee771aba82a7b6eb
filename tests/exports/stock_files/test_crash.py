"""A worker that is killed at any step leaves a run that goes on, and never half a file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal.exports.jobs import run_activation
from portal.exports.stock_files.task import FileRun
from portal.models.exports import RunState
from portal.models.runs import Run, RunFilePart
from tests.exports.stock_files import paper, standing_still
from tests.exports.stock_files.conftest import FileStage, PaperApp
from tests.forks import forks
from tests.programs import WHOLE_MACHINE
from tests.waiting import PATIENCE, until
from tests.words import german

pytestmark = WHOLE_MACHINE
ROOT = Path(__file__).parents[3]


class Killed(BaseException):
    """As if the process ended here."""


def kill_at(stage: FileStage, module: str, name: str, log: Path) -> None:
    """A worker process of its own, killed as soon as it gets to this function."""
    settings = stage.runtime.settings
    environment = os.environ | {"DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url}
    options = (module, name, str(stage.activation.id))
    process = forks().start(standing_still.__name__, *options, environment=environment, log=log)
    until(lambda: standing_still.HERE in log.read_text().split() or not process.is_running())
    assert process.is_running(), "the worker ended before it could be killed"
    process.kill()
    process.wait()
    log.unlink()
    stage.lose_lease()


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("build", "released_ids"),
        ("storage", "complete_file"),
        ("publish", "measure_change"),
        ("publish", "clear_file"),
        ("publish", "publish_file"),
        ("publish", "list_vehicles"),
    ],
)
def test_killed_before_a_step_it_goes_on_with_that_step(
    stage: FileStage, module: str, name: str, tmp_path: Path
) -> None:
    stage.vehicles(3)
    good = stage.run()
    stage.vehicle()
    stage.ask()
    kill_at(stage, module, name, tmp_path / "worker.log")
    assert stage.now().published_run_id == good.id, "half done is not published"
    assert len(stage.numbers()) == 3
    stage.work()
    run = stage.last()
    assert (run.state, run.total) == (RunState.DONE, 4)
    assert len(stage.runs()) == 2
    assert len(stage.numbers()) == 4


def test_what_an_interrupted_attempt_wrote_is_not_in_the_file(stage: FileStage, paper_app: PaperApp) -> None:
    stage.vehicles(2)
    stage.ask()

    def die() -> None:
        raise Killed

    paper_app(writer=paper.interrupted(die, times=1))
    with pytest.raises(Killed):
        run_activation(stage.runtime, stage.activation.id)
    assert stage.last().state == RunState.RUNNING
    stage.work()
    assert len(stage.numbers()) == 2
    parts = select(func.count()).select_from(RunFilePart).where(RunFilePart.run_id == stage.last().id)
    assert stage.session.scalar(parts) == 1


def test_a_stock_that_kills_every_worker_is_given_up_with_a_reason(
    stage: FileStage, paper_app: PaperApp
) -> None:
    stage.vehicles(2)
    good = stage.run()

    def die() -> None:
        raise Killed

    paper_app(writer=paper.interrupted(die))
    stage.ask()
    for _ in range(5):
        with pytest.raises(Killed):
            stage.work()
    stage.work()
    run = stage.last()
    assert run.state == RunState.FAILED
    assert "unterbrochen" in german(run.message)
    assert stage.now().published_run_id == good.id
    paper_app()
    assert stage.run().state == RunState.DONE, "the next run is a new one"


def test_a_whole_file_is_not_written_again_after_a_crash(
    stage: FileStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.vehicles(2)
    stage.ask()
    with monkeypatch.context() as patch:
        patch.setattr(FileRun, "_send", _die)
        with pytest.raises(Killed):
            stage.work()
    written_at = stage.last().started_at
    stage.vehicle()
    stage.work()
    run = stage.last()
    assert (run.state, run.total, run.started_at) == (RunState.DONE, 2, written_at)


def test_a_whole_file_that_has_become_old_is_written_again(
    stage: FileStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.vehicles(2)
    stage.ask()
    with monkeypatch.context() as patch:
        patch.setattr(FileRun, "_send", _die)
        with pytest.raises(Killed):
            stage.work()
    stage.vehicle()
    _grow_old(stage)
    stage.work()
    assert stage.last().total == 3


def test_two_workers_at_once_make_one_run(stage: FileStage) -> None:
    """The lease lets one of them, the unique index stands behind it."""
    stage.vehicles(5)
    stage.ask()
    code = (
        "import sys\nfrom portal.platforms import APPS\nfrom tests.exports.stock_files import paper\n"
        "APPS[paper.SLUG] = paper.paper()\n"
        "from portal.exports.jobs import drain_activation\ndrain_activation(sys.argv[1])"
    )
    settings = stage.runtime.settings
    environment = os.environ | {"DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url}
    environment["PYTHONPATH"] = str(ROOT)
    workers = [
        subprocess.Popen([sys.executable, "-c", code, str(stage.activation.id)], env=environment, cwd=ROOT)
        for _ in range(2)
    ]
    assert [worker.wait(timeout=PATIENCE) for worker in workers] == [0, 0]
    assert [run.state for run in stage.runs()] == [RunState.DONE]
    assert len(stage.numbers()) == 5


def _die(_job: FileRun) -> None:
    raise Killed


def _grow_old(stage: FileStage) -> None:
    with stage.runtime.sessions.begin() as session:
        run = session.get_one(Run, stage.last().id)
        run.started_at = func.now() - func.make_interval(0, 0, 0, 0, 1)
