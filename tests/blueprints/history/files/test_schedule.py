"""Run now, pause and resume, a new address for a feed."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select

from portal.models import User
from portal.models.audit import AuditEvent
from portal.models.exports import RunState, Trigger
from tests.exports.stock_files.conftest import FileStage


def test_run_now_begins_a_run_for_its_user(stage: FileStage, alice: FlaskClient) -> None:
    stage.vehicle()
    answer = alice.post(f"/apps/{stage.activation.id}/run-now")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/apps/{stage.activation.id}")
    run = stage.last()
    assert (run.state, run.trigger) == (RunState.WAITING, Trigger.BY_HAND)
    assert stage.session.get_one(User, run.user_id).login == "alice"
    stage.work()
    assert "Alice" in alice.get(f"/apps/{stage.activation.id}").text


def test_pressing_twice_runs_once(stage: FileStage, alice: FlaskClient) -> None:
    for _ in range(2):
        alice.post(f"/apps/{stage.activation.id}/run-now")
    assert len(stage.runs()) == 1


def test_what_is_stopped_does_not_run(stage: FileStage, alice: FlaskClient) -> None:
    stage.put(state="stopped")
    alice.post(f"/apps/{stage.activation.id}/run-now")
    assert stage.runs() == []


def test_the_schedule_is_paused_and_goes_on(stage: FileStage, alice: FlaskClient) -> None:
    page = alice.get(f"/apps/{stage.activation.id}").text
    assert "Nächste Datei" in page
    assert "zwischen 02:00 und 02:45" in page
    assert "Pausieren" in page
    alice.post(f"/apps/{stage.activation.id}/schedule/pause")
    assert stage.now().next_run_at is None
    assert "Der Zeitplan ruht" in alice.get(f"/apps/{stage.activation.id}").text
    alice.post(f"/apps/{stage.activation.id}/schedule/resume")
    assert stage.now().next_run_at is not None
    assert set(stage.session.scalars(select(AuditEvent.what))) == {"schedule.paused", "schedule.resumed"}


def test_bob_sees_no_buttons(stage: FileStage, login: Callable[[User], FlaskClient]) -> None:
    bob = login(stage.build.bob(stage.dealer))
    page = bob.get(f"/apps/{stage.activation.id}").text
    assert "Jetzt übertragen" not in page
    assert "Pausieren" not in page


def test_the_address_of_a_feed_is_shown_once_and_can_be_renewed(stage: FileStage, alice: FlaskClient) -> None:
    stage.vehicle()
    stage.run()
    first, second = (_address(alice, stage) for _ in range(2))
    assert first != second
    assert alice.get(second).status_code == 200
    assert alice.get(first).status_code == 404
    token = second.split("/")[2]
    assert token not in alice.get(f"/apps/{stage.activation.id}").text
    assert token not in (stage.now().feed_token or "")


def test_the_address_ends_like_the_file(stage: FileStage, alice: FlaskClient) -> None:
    """Receivers tell by it what they fetch."""
    stage.put(settings=stage.activation.settings | {"file_name": "bestand.zip"})
    assert _address(alice, stage).endswith("/bestand.zip")


def _address(alice: FlaskClient, stage: FileStage) -> str:
    answer = alice.post(f"/apps/{stage.activation.id}/feed-address")
    assert answer.headers["Cache-Control"] == "no-store"
    begin = answer.text.index("/feeds/")
    return answer.text[begin : answer.text.index("<", begin)]
