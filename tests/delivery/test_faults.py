"""What a server can do to a delivery: afterwards the old file lies there, whole, and the reason is clear."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from socket import create_server
from typing import Any

import pytest

from portal import delivery
from portal.delivery import Delivered, DeliveryStep, EgressPolicy, StepState, Target, Undelivered
from portal.delivery.reasons import _causes
from tests.delivery.conftest import SHORT, dribbling, flooding, inventory, stream
from tests.delivery.cutting import cut_uploads
from tests.delivery.test_file_servers import TRANSPORTS, every_transport
from tests.marketplace import Marketplace
from tests.words import german

OLD = ("A-1", "A-2", "A-3")


@pytest.fixture
def hurried(marketplace: Marketplace) -> EgressPolicy:
    return marketplace.egress_policy(patience=SHORT)


def refused(target: Target, policy: EgressPolicy) -> Undelivered:
    """The outcome of a delivery that must fail."""
    outcome = delivery.deliver(target, stream("B-1"), policy)
    assert isinstance(outcome, Undelivered), outcome
    return outcome


def failed_step(target: Target, policy: EgressPolicy) -> tuple[DeliveryStep, str]:
    """The step at which the test of a connection ends: all before are ok, none after was tried."""
    results = delivery.test_connection(target, policy)
    states = [result.state for result in results]
    position = states.index(StepState.FAILED)
    assert set(states[:position]) <= {StepState.OK}
    assert set(states[position + 1 :]) <= {StepState.SKIPPED}
    assert results[position].text
    return results[position].step, german(results[position].text)


def with_old_file(marketplace: Marketplace, transport: str, **changes: Any) -> Target:
    target = marketplace.target(transport)
    outcome = delivery.deliver(target, stream(*OLD), marketplace.egress_policy())
    assert isinstance(outcome, Delivered)
    return replace(target, **changes)


def assert_untouched(marketplace: Marketplace) -> None:
    assert marketplace.file("bestand.csv") == inventory(*OLD)
    assert set(marketplace.file_stock()) == set(OLD)
    assert len(marketplace.file_generations()) == 1


def leftovers(marketplace: Marketplace) -> list[str]:
    return [name for name in marketplace.files() if name.endswith(".part")]


@every_transport
def test_a_test_that_passes_says_so_and_leaves_nothing(
    transport: str, marketplace: Marketplace, policy: EgressPolicy
) -> None:
    results = delivery.test_connection(marketplace.target(transport), policy)
    second = {"sftp": [DeliveryStep.HOST_KEY], "ftps": [DeliveryStep.CERTIFICATE], "ftp": []}[transport]
    assert [(result.step, result.state) for result in results] == [
        (step, StepState.OK)
        for step in (
            DeliveryStep.NAME,
            DeliveryStep.CONNECT,
            *second,
            DeliveryStep.LOGIN,
            DeliveryStep.FOLDER,
            DeliveryStep.WRITE,
            DeliveryStep.RENAME,
        )
    ]
    assert marketplace.files() == {}
    assert marketplace.file_generations() == []


@every_transport
def test_an_unknown_name_fails_at_the_name(
    transport: str, marketplace: Marketplace, policy: EgressPolicy
) -> None:
    target = marketplace.target(transport, host="gibt-es-nicht.invalid")
    step, text = failed_step(target, replace(policy, look_up=lambda _host: []))
    assert step is DeliveryStep.NAME
    assert "gibt-es-nicht.invalid" in text
    assert refused(replace(target, host=" "), policy).step is DeliveryStep.NAME


@every_transport
def test_a_port_where_nobody_listens_fails_at_the_connection(
    transport: str, marketplace: Marketplace, policy: EgressPolicy
) -> None:
    with create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    target = marketplace.target(transport, port=port)
    assert failed_step(target, policy)[0] is DeliveryStep.CONNECT
    assert refused(target, policy).retryable


@every_transport
def test_a_server_that_speaks_otherwise_fails_at_the_connection(
    transport: str, marketplace: Marketplace, hurried: EgressPolicy
) -> None:
    target = marketplace.target(transport, port=int(marketplace.url.rpartition(":")[2]))
    assert failed_step(target, hurried)[0] is DeliveryStep.CONNECT


@every_transport
def test_a_wrong_password_fails_at_the_login(
    transport: str, marketplace: Marketplace, policy: EgressPolicy
) -> None:
    target = with_old_file(marketplace, transport, password="falsch")
    step, text = failed_step(target, policy)
    assert step is DeliveryStep.LOGIN
    assert "Passwort" in text
    outcome = refused(target, policy)
    assert (outcome.step, outcome.retryable) == (DeliveryStep.LOGIN, False)
    assert "falsch" not in german(outcome.reason)
    assert_untouched(marketplace)


@every_transport
def test_a_missing_folder_fails_at_the_folder(
    transport: str, marketplace: Marketplace, policy: EgressPolicy
) -> None:
    target = marketplace.target(transport, folder="nicht-da")
    step, text = failed_step(target, policy)
    assert step is DeliveryStep.FOLDER
    assert "nicht-da" in text
    assert not refused(target, policy).retryable


@every_transport
def test_a_file_is_no_folder(transport: str, marketplace: Marketplace, policy: EgressPolicy) -> None:
    target = with_old_file(marketplace, transport, folder="bestand.csv")
    assert refused(target, policy).step is DeliveryStep.FOLDER


@every_transport
def test_a_missing_right_to_write_fails_at_writing(
    transport: str, marketplace: Marketplace, policy: EgressPolicy
) -> None:
    target = with_old_file(marketplace, transport)
    marketplace.fault("reject", "store")
    assert failed_step(target, policy)[0] is DeliveryStep.WRITE
    outcome = refused(target, policy)
    assert (outcome.step, outcome.retryable) == (DeliveryStep.WRITE, False)
    assert_untouched(marketplace)


@every_transport
@pytest.mark.parametrize("after", [0, 20])
def test_a_full_disk_fails_at_writing_and_leaves_nothing(
    transport: str, after: int, marketplace: Marketplace, policy: EgressPolicy
) -> None:
    target = with_old_file(marketplace, transport)
    marketplace.fault("disk-full", afterBytes=after)
    assert failed_step(target, policy)[0] is DeliveryStep.WRITE
    outcome = refused(target, policy)
    assert (outcome.step, outcome.retryable) == (DeliveryStep.WRITE, True)
    assert leftovers(marketplace) == []
    assert_untouched(marketplace)


@every_transport
def test_a_full_disk_is_noticed_in_the_middle_of_a_large_file(
    transport: str, marketplace: Marketplace, policy: EgressPolicy
) -> None:
    target = with_old_file(marketplace, transport)
    marketplace.fault("disk-full", afterBytes=3_000_000)
    outcome = delivery.deliver(target, BytesIO(b"x" * 8_000_000), policy)
    assert isinstance(outcome, Undelivered)
    assert (outcome.step, outcome.retryable) == (DeliveryStep.WRITE, True)
    assert leftovers(marketplace) == []
    assert_untouched(marketplace)


@every_transport
def test_a_refused_renaming_keeps_the_old_file_and_says_so(
    transport: str, marketplace: Marketplace, policy: EgressPolicy
) -> None:
    target = with_old_file(marketplace, transport)
    marketplace.fault("reject", "rename")
    assert failed_step(target, policy)[0] is DeliveryStep.RENAME
    outcome = refused(target, policy)
    assert (outcome.step, outcome.retryable) == (DeliveryStep.RENAME, False)
    assert "unverändert" in german(outcome.reason)
    assert leftovers(marketplace) == []
    assert_untouched(marketplace)


@every_transport
def test_a_server_that_overwrites_nothing_keeps_the_old_file_and_takes_a_first_one(
    transport: str, marketplace: Marketplace, policy: EgressPolicy
) -> None:
    marketplace.fault("reject", "replace")
    target = marketplace.target(transport)
    assert failed_step(target, policy)[0] is DeliveryStep.RENAME
    assert isinstance(delivery.deliver(target, stream(*OLD), policy), Delivered)
    assert refused(target, policy).step is DeliveryStep.RENAME
    assert leftovers(marketplace) == []
    assert_untouched(marketplace)


@every_transport
def test_a_connection_that_is_cut_while_renaming_is_tried_again_later(
    transport: str, marketplace: Marketplace, policy: EgressPolicy
) -> None:
    target = with_old_file(marketplace, transport)
    marketplace.fault("reset", "rename", count=1)
    outcome = refused(target, policy)
    assert (outcome.step, outcome.retryable) == (DeliveryStep.RENAME, True)
    assert_untouched(marketplace)
    assert isinstance(delivery.deliver(target, stream("B-1"), policy), Delivered)
    assert leftovers(marketplace) == []


@pytest.mark.parametrize(("transport", "times"), [("sftp", 100), ("ftps", 20), ("ftp", 100)])
def test_whatever_is_cut_the_remote_file_is_one_complete_generation(
    transport: str, times: int, marketplace: Marketplace, policy: EgressPolicy
) -> None:
    target = marketplace.target(transport)

    def make(number: int) -> bytes:
        return inventory(*(f"A-{number}-{row}" for row in range(200 + number)))

    tally = cut_uploads(marketplace, target, policy, make, times)
    assert (tally.cut, tally.delivered) == (times, times // 2)
    assert {row["refused"] for row in marketplace.file_generations()} == {None}
    assert {row["rejected"] for row in marketplace.file_generations()} == {0}
    assert leftovers(marketplace) == []


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(
    ("kind", "step"),
    [
        ("connect", DeliveryStep.CONNECT),
        ("login", DeliveryStep.LOGIN),
        ("store", DeliveryStep.WRITE),
        ("rename", DeliveryStep.RENAME),
    ],
)
def test_a_server_that_hangs_is_left(
    transport: str, kind: str, step: DeliveryStep, marketplace: Marketplace, hurried: EgressPolicy
) -> None:
    target = with_old_file(marketplace, transport)
    marketplace.fault("hang", kind)
    outcome = refused(target, hurried)
    assert (outcome.step, outcome.retryable) == (step, True)
    assert "antwortet nicht" in german(outcome.reason)
    assert failed_step(target, hurried)[0] is step
    marketplace.heal()
    assert_untouched(marketplace)
    assert isinstance(delivery.deliver(target, stream("B-1"), hurried), Delivered)


@every_transport
def test_a_server_that_dribbles_is_left_when_the_whole_takes_too_long(
    transport: str, marketplace: Marketplace
) -> None:
    target = with_old_file(marketplace, transport)
    marketplace.fault("slow", "store", delayMs=300)
    hasty = marketplace.egress_policy(patience=replace(SHORT, answer=10, total=2))
    outcome = delivery.deliver(target, BytesIO(b"x" * 5_000_000), hasty)
    assert isinstance(outcome, Undelivered)
    assert (outcome.step, outcome.retryable) == (DeliveryStep.WRITE, True)
    assert "nicht fertig" in german(outcome.reason)
    marketplace.heal()
    assert_untouched(marketplace)


@every_transport
def test_a_greeting_without_end_is_left(transport: str, marketplace: Marketplace) -> None:
    hasty = marketplace.egress_policy(patience=replace(SHORT, total=2))
    with dribbling(b"x") as port:
        outcome = refused(marketplace.target(transport, port=port), hasty)
    assert (outcome.step, outcome.retryable) == (DeliveryStep.CONNECT, True)


@pytest.mark.parametrize("transport", ["ftp", "ftps"])
def test_an_answer_of_ever_more_lines_is_left_early(transport: str, marketplace: Marketplace) -> None:
    """Each line is a sound one: only their number tells. The memory must not fill until time is over."""
    with flooding(b"220-Willkommen\r\n" * 100) as flood:
        outcome = refused(marketplace.target(transport, port=flood.port), marketplace.egress_policy())
    assert (outcome.step, outcome.retryable) == (DeliveryStep.CONNECT, True)
    assert flood.sent < 16 * 1024 * 1024


@every_transport
def test_who_may_not_go_on_leaves_the_old_file(
    transport: str, marketplace: Marketplace, policy: EgressPolicy
) -> None:
    target = with_old_file(marketplace, transport)
    outcome = delivery.deliver(target, stream("B-1"), policy, lambda: False)
    assert isinstance(outcome, Undelivered)
    assert (outcome.step, outcome.retryable) == (DeliveryStep.RENAME, True)
    assert_untouched(marketplace)
    assert leftovers(marketplace) == []


@every_transport
def test_a_server_that_sends_everybody_away_is_left_to_rest(
    transport: str, marketplace: Marketplace, policy: EgressPolicy
) -> None:
    marketplace.fault("reject", "connect", count=1)
    outcome = refused(marketplace.target(transport), policy)
    assert (outcome.step, outcome.retryable) == (DeliveryStep.CONNECT, True)


def test_an_error_that_stands_in_its_own_context_is_understood() -> None:
    """A socket library raises the same exception again: whoever follows the chain comes back to it."""
    first, second = OSError("Socket is closed"), EOFError()
    first.__context__, second.__context__ = second, first
    assert list(_causes(first)) == [first, second]
