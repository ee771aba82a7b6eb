"""Files to a real server, the platform's report, and everything that can go wrong on the way."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select

from portal.delivery import Delivered, deliver
from portal.exports.core.lease import Lease, LeaseLost
from portal.exports.core.runtime import Runtime
from portal.exports.full_transfer.control import resend
from portal.exports.jobs import tick
from portal.exports.lifecycle import activation as life
from portal.exports.stock_files import task
from portal.exports.stock_files.rules import RunStep
from portal.exports.stock_files.target import Artifact, target_of
from portal.models import Activation, Listing
from portal.models.exports import ActivationState, RunState
from portal.models.runs import Run, RunFile
from portal.platforms.contract.files import Transport
from portal.security.vault import vault_of
from tests.builders import Build
from tests.exports.stock_files.conftest import FileStage, PaperApp
from tests.marketplace import Marketplace
from tests.words import german


@pytest.fixture
def stage(build: Build, runtime: Any, paper_app: PaperApp, marketplace: Marketplace) -> FileStage:
    """Its file goes by SFTP to the folder of 4711001 at the file portal, whose key is confirmed."""
    paper_app(transports=(Transport.SFTP,))
    target = marketplace.target("sftp")
    settings = {"transport": "sftp", "host": target.host, "port": target.port, "user": target.username}
    stage = FileStage(build, runtime, settings=settings, host_key=target.host_key)
    put_password(stage, target.password)
    return stage


def put_password(stage: FileStage, password: str) -> None:
    sealed = vault_of(stage.runtime.settings).seal(stage.activation.id, {"password": password})
    stage.put(secrets=sealed)


def report(stage: FileStage, marketplace: Marketplace, *rows: str, sha256: str = "") -> None:
    """The platform's report on the file of the last run lies beside it."""
    target = marketplace.target("sftp", file_name="4711001.csv.report")
    digest = sha256 or stage.session.get_one(RunFile, stage.last().id).sha256
    content = io.BytesIO("\n".join((digest, *rows)).encode())
    assert isinstance(deliver(target, content, marketplace.egress_policy()), Delivered)


def test_the_file_lies_at_the_server_as_it_was_written(stage: FileStage, marketplace: Marketplace) -> None:
    stage.vehicles(3)
    run = stage.run()
    assert run.state == RunState.DONE
    content = stage.file()
    assert marketplace.files()["4711001.csv"]["sha256"] == hashlib.sha256(content).hexdigest()


def test_a_wrong_password_stops_the_app_and_touches_nothing(
    stage: FileStage, marketplace: Marketplace
) -> None:
    stage.vehicles(3)
    good = stage.run()
    put_password(stage, "falsch")
    stage.vehicle()
    failed = stage.run()
    assert failed.state == RunState.FAILED
    assert "Anmeldung" in german(failed.message)
    activation = stage.now()
    assert (activation.state, activation.stop_cause) == (ActivationState.STOPPED, "delivery")
    assert activation.published_run_id == good.id
    assert marketplace.files()["4711001.csv"]["sha256"] == _sha256(stage, good)


def test_a_stopped_app_goes_on_by_itself_when_the_connection_works_again(
    stage: FileStage, marketplace: Marketplace
) -> None:
    stage.vehicle()
    put_password(stage, "falsch")
    stage.run()
    put_password(stage, marketplace.target("sftp").password)
    stage.put(recheck_at=datetime.now(UTC) - timedelta(seconds=1))
    assert tick(stage.runtime) == 1
    stage.work()
    assert stage.now().state == ActivationState.ACTIVE
    assert stage.last().state == RunState.DONE


@pytest.mark.parametrize("failure", ["stopped", "waiting"])
def test_a_correction_is_tried_at_once(stage: FileStage, marketplace: Marketplace, failure: str) -> None:
    """Neither the next look nor the next attempt by plan is waited for."""
    stage.vehicle()
    if failure == "stopped":
        put_password(stage, "falsch")
    else:
        marketplace.fault("reset", "store", count=1)
    stage.run()
    assert stage.now().state == (ActivationState.STOPPED if failure == "stopped" else ActivationState.ACTIVE)
    assert tick(stage.runtime) == 0
    put_password(stage, marketplace.target("sftp").password)
    with stage.runtime.sessions.begin() as session:
        life.try_at_once(session, session.get_one(Activation, stage.activation.id))
    tick(stage.runtime)
    stage.work()
    assert stage.now().state == ActivationState.ACTIVE
    assert stage.last().state == RunState.DONE


@pytest.mark.parametrize(
    ("given", "direct", "implicit"),
    [
        ({}, False, False),
        ({"upload": "safe", "port": 21}, False, False),
        ({"upload": "direct", "port": 2121}, True, False),
        ({"port": 990}, False, True),
    ],
)
def test_how_a_file_is_handed_over_follows_from_the_settings(
    runtime: Runtime, given: dict[str, Any], direct: bool, implicit: bool
) -> None:
    found = target_of(runtime.settings, Transport.FTPS, given, Artifact("bestand.csv"))
    assert (found.direct, found.implicit_tls) == (direct, implicit)
    assert not target_of(runtime.settings, Transport.FTP, given, Artifact("bestand.csv")).implicit_tls


def test_while_it_still_fails_it_stays_stopped_and_looks_later(
    stage: FileStage, slow_clock: Callable[[], None]
) -> None:
    """Later by the clock of all, whatever that of the worker says."""
    stage.vehicle()
    put_password(stage, "falsch")
    stage.run()
    stage.put(recheck_at=datetime.now(UTC) - timedelta(seconds=1))
    slow_clock()
    stage.work()
    activation = stage.now()
    assert activation.state == ActivationState.STOPPED
    assert activation.recheck_at is not None
    assert activation.recheck_at > datetime.now(UTC)


def test_another_host_key_sends_nothing_and_stops(stage: FileStage, marketplace: Marketplace) -> None:
    stage.put(host_key="ssh-ed25519 SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    stage.vehicle()
    failed = stage.run()
    assert "anderen Schlüssel" in german(failed.message)
    assert stage.now().state == ActivationState.STOPPED
    assert marketplace.files() == {}


def test_a_server_that_is_down_is_tried_again_by_plan(
    stage: FileStage, marketplace: Marketplace, slow_clock: Callable[[], None]
) -> None:
    stage.vehicle()
    slow_clock()
    port = stage.activation.settings["port"]
    _point_to(stage, 1)
    run = stage.run()
    assert (run.state, run.attempt_count) == (RunState.RUNNING, 1)
    assert run.not_before is not None
    assert run.not_before > datetime.now(UTC)
    assert stage.now().failing_since is not None
    stage.work()
    assert stage.last().attempt_count == 1, "not before its time"
    _point_to(stage, port)
    stage.make_due()
    stage.work()
    assert stage.last().state == RunState.DONE
    assert stage.now().failing_since is None
    assert "4711001.csv" in marketplace.files()


def test_after_the_last_attempt_it_has_failed_and_the_next_run_is_a_new_one(
    stage: FileStage, marketplace: Marketplace
) -> None:
    stage.vehicle()
    port = stage.activation.settings["port"]
    _point_to(stage, 1)
    stage.run()
    for _ in range(8):
        stage.make_due()
        stage.work()
    failed = stage.last()
    assert failed.state == RunState.FAILED
    assert len(failed.attempts) == 7
    assert stage.now().state == ActivationState.ACTIVE
    _point_to(stage, port)
    assert stage.run().state == RunState.DONE
    assert len(stage.runs()) == 2


def test_a_connection_cut_on_the_way_leaves_the_old_file(stage: FileStage, marketplace: Marketplace) -> None:
    stage.vehicles(3)
    good = stage.run()
    stage.vehicle()
    marketplace.fault("reset", "store", afterBytes=40)
    stage.run()
    assert marketplace.files()["4711001.csv"]["sha256"] == _sha256(stage, good)
    marketplace.heal()
    stage.make_due()
    stage.work()
    assert marketplace.files()["4711001.csv"]["sha256"] == _sha256(stage, stage.last())


def test_the_report_says_how_each_vehicle_fared(stage: FileStage, marketplace: Marketplace) -> None:
    good, odd, bad = stage.vehicles(3)
    stage.run()
    report(
        stage,
        marketplace,
        f"{good.offer_number};accepted",
        f"{odd.offer_number};hinted",
        f"{bad.offer_number};rejected",
    )
    stage.make_due()
    stage.work()
    run = stage.last()
    assert (run.state, run.total) == (RunState.PARTIAL, 3)
    assert (run.accepted, run.hinted, run.rejected) == (1, 1, 1)
    assert run.confirmed_at is not None
    assert stage.online() == {good.offer_number, odd.offer_number}
    last = {row.internal_number: row.last_result for row in stage.session.scalars(select(Listing))}
    assert last == {
        good.offer_number: "ok",
        odd.offer_number: "warning",
        bad.offer_number: "rejected",
    }
    confirmed = select(Listing.internal_number).where(Listing.confirmed_at.is_not(None))
    assert set(stage.session.scalars(confirmed)) == {good.offer_number, odd.offer_number}


def test_a_report_on_an_older_file_confirms_nothing(stage: FileStage, marketplace: Marketplace) -> None:
    vehicle = stage.vehicle()
    stage.run()
    report(stage, marketplace, f"{vehicle.offer_number};accepted", sha256="0" * 64)
    stage.make_due()
    stage.work()
    run = stage.last()
    assert run.confirmed_at is None
    assert run.not_before is not None, "it is looked for again"


def test_a_file_that_was_refused_is_not_the_last_good_one(stage: FileStage, marketplace: Marketplace) -> None:
    stage.vehicles(3)
    good = stage.run()
    added = stage.vehicle()
    stage.run()
    report(stage, marketplace, "refused")
    stage.make_due()
    stage.work()
    run = stage.last()
    assert run.state == RunState.FAILED
    assert "nicht lesbar" in german(run.message)
    assert stage.now().published_run_id == good.id
    assert added.offer_number not in stage.online()


def test_without_an_answer_it_ends_and_says_so(stage: FileStage) -> None:
    stage.vehicle()
    run = stage.run()
    assert run.confirm_until is not None
    _set_run(stage, confirm_until=datetime.now(UTC) - timedelta(seconds=1))
    stage.make_due()
    stage.work()
    run = stage.last()
    assert german(run.message) == "Keine Antwort nach 6 Std."
    assert (run.state, run.confirmed_at, run.not_before) == (RunState.DONE, None, None)
    assert tick(stage.runtime) == 0


def test_a_newer_file_ends_the_waiting_for_an_older_one(stage: FileStage) -> None:
    stage.vehicle()
    stage.run()
    stage.run()
    older, newer = stage.runs()
    assert older.not_before is None
    assert "neueren" in german(older.message)
    assert newer.not_before is not None


def _point_to(stage: FileStage, port: int) -> None:
    stage.put(settings={**stage.now().settings, "port": port})


def _sha256(stage: FileStage, run: Run) -> str:
    return stage.session.get_one(RunFile, run.id).sha256


def _set_run(stage: FileStage, **columns: Any) -> None:
    with stage.runtime.sessions.begin() as session:
        run = session.get_one(Run, stage.last().id)
        for name, value in columns.items():
            setattr(run, name, value)


def test_secrets_whose_key_is_gone_stop_the_app(stage: FileStage) -> None:
    stage.vehicle()
    stage.put(secrets="gAAAAA-not-ours")
    run = stage.run()
    assert run.state == RunState.FAILED
    assert stage.now().state == ActivationState.STOPPED


def test_a_mail_goes_to_each_recipient_once(
    stage: FileStage, paper_app: PaperApp, marketplace: Marketplace
) -> None:
    """The second address cannot be reached: the others have it, and do not get it again by a retry."""
    paper_app(transports=(Transport.MAIL,))
    by_mail(stage, marketplace, "eins@example.org, nicht-da@, zwei@example.org")
    stage.vehicle()
    run = stage.run()
    assert run.state == RunState.FAILED
    assert "nicht-da@: Die Mailadresse" in german(run.message)
    assert recipients(marketplace) == ["eins@example.org", "zwei@example.org"]
    assert stage.now().state == ActivationState.STOPPED
    stage.put(state="active", settings={"recipients": "eins@example.org; EINS@example.org"})
    stage.run()
    assert recipients(marketplace) == ["eins@example.org", "eins@example.org", "zwei@example.org"]


def test_a_worker_that_lost_its_lease_replaces_no_file(stage: FileStage, marketplace: Marketplace) -> None:
    """It was cut off from the database while it uploaded; another one has published a newer file by now."""
    stage.vehicles(3)
    good = stage.run()
    stage.vehicle()
    marketplace.fault("reset", "store", count=1)
    assert stage.run().state == RunState.RUNNING
    stage.make_due()
    found = task.find_next_step(stage.runtime, Lease(stage.activation.id, uuid4()))
    assert found is not None
    job, step = found
    assert step == RunStep.SEND
    with pytest.raises(LeaseLost):
        job.take(step)
    assert marketplace.files()["4711001.csv"]["sha256"] == _sha256(stage, good)
    assert not [name for name in marketplace.files() if name.endswith(".part")]


def by_mail(stage: FileStage, marketplace: Marketplace, to: str) -> None:
    port = httpx.get(f"{marketplace.url}/control/servers").json()["smtpPort"]
    local = replace(stage.runtime.settings, smtp_url=f"smtp://127.0.0.1:{port}")
    stage.runtime = replace(stage.runtime, settings=local)
    stage.put(settings={"recipients": to}, secrets="")


def recipients(marketplace: Marketplace) -> list[str]:
    mails = httpx.get(f"{marketplace.url}/control/mails").json()["mails"]
    return sorted(address for mail in mails for address in mail["to"])


def test_sending_a_vehicle_again_is_a_run(stage: FileStage) -> None:
    vehicle = stage.vehicle()
    stage.run()
    with stage.runtime.sessions.begin() as session:
        assert resend(session, [(stage.activation.id, vehicle.id)]) == 1
    stage.work()
    assert [run.state for run in stage.runs()] == [RunState.DONE] * 2
