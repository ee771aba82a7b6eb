"""Servers that take files away, let only certain names in, or let nobody read, rename or replace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
from pyftpdlib.ioloop import IOLoop
from pyftpdlib.servers import FTPServer

from portal import delivery
from portal.delivery import Delivered, DeliveryStep, EgressPolicy, StepState, Target, Undelivered
from portal.delivery.attempt import DeliveryAttempt
from portal.delivery.contract import DeliveryFailure
from portal.delivery.remote_folder import upload
from portal.sandbox.files.certificates import prepare
from tests.delivery.conftest import inventory, stream
from tests.words import german

EVERYTHING, WRITE_ONLY, NO_RENAME = "elradfmw", "ew", "elradmw"
HERE = EgressPolicy(allow=(ip_network("127.0.0.0/8"),))
NEW = inventory("A-1")


class Taking(FTPHandler):  # type: ignore[misc]
    """A drop folder: what has arrived is moved away at once."""

    def on_file_received(self, file: str) -> None:
        place = Path(file)
        place.rename(place.parents[1] / "taken" / place.name)


class TakingLater(FTPHandler):  # type: ignore[misc]
    """One that looks every few seconds: the file is gone once it has been seen."""

    def ftp_SIZE(self, path: str) -> Any:  # a name of the library
        answer = super().ftp_SIZE(path)
        if (place := Path(path)).exists():
            self.on_seen(place)
        return answer

    def on_seen(self, place: Path) -> None:
        place.rename(place.parents[1] / "taken" / place.name)


class Emptying(Taking):
    """A drop folder whose server has a size for every name, also for one that is gone."""

    def ftp_SIZE(self, path: str) -> Any:  # a name of the library
        return super().ftp_SIZE(path) if Path(path).exists() else self.respond("213 0")


class Stamping(FTPHandler):  # type: ignore[misc]
    """What has arrived gets a name of the receiver's own."""

    def on_file_received(self, file: str) -> None:
        place = Path(file)
        place.rename(place.with_name(f"20261129_{place.name}"))


class Choosy(FTPHandler):  # type: ignore[misc]
    """Only files of some kinds may be stored."""

    def ftp_STOR(self, file: str, mode: str = "w") -> Any:  # a name of the library
        if not file.endswith((".csv", ".zip")):
            return self.respond("550 Forbidden filename.")
        return super().ftp_STOR(file, mode)


class Implicit(TLS_FTPHandler):  # type: ignore[misc]
    """Encrypted before the greeting, as on port 990."""

    def handle(self) -> None:
        self.secure_connection(self.ssl_context)

    def handle_ssl_established(self) -> None:
        TLS_FTPHandler.handle(self)


@contextmanager
def serving(
    folder: Path, handler: type[FTPHandler] = FTPHandler, rights: str = EVERYTHING
) -> Iterator[Target]:
    for name in ("inbox", "taken"):
        (folder / name).mkdir()
    authorizer = DummyAuthorizer()
    authorizer.add_user("4711", "geheim", str(folder / "inbox"), perm=rights)
    loop = IOLoop()
    served = type("Served", (handler,), {"authorizer": authorizer})
    server = FTPServer(("127.0.0.1", 0), served, ioloop=loop)
    thread = Thread(target=server.serve_forever, kwargs={"timeout": 0.05, "handle_exit": False})
    thread.start()
    try:
        yield Target(
            "ftp",
            host="127.0.0.1",
            port=server.address[1],
            username="4711",
            password="geheim",
            file_name="bestand.csv",
        )
    finally:
        loop.call_later(0, server.close_all)
        thread.join()


def deliver(target: Target) -> Delivered | Undelivered:
    return delivery.deliver(target, stream("A-1"), HERE)


def directly(target: Target) -> Target:
    return replace(target, direct=True)


def test_a_server_that_takes_the_file_away_is_said_to_and_not_tried_again(tmp_path: Path) -> None:
    with serving(tmp_path, Taking) as target:
        outcome = deliver(target)
    assert isinstance(outcome, Undelivered)
    assert (outcome.step, outcome.retryable) == (DeliveryStep.WRITE, False)
    assert "hat die Datei angenommen und zeigt sie danach nicht mehr" in german(outcome.reason)
    assert "„Hochladen“" in german(outcome.reason)


@pytest.mark.parametrize("handler", [TakingLater, Stamping, Emptying])
def test_a_file_that_is_gone_before_it_has_its_name_was_taken_away(
    tmp_path: Path, handler: type[FTPHandler]
) -> None:
    """Not "the old file lies there unchanged": there is none."""
    with serving(tmp_path, handler) as target:
        outcome = deliver(target)
    assert isinstance(outcome, Undelivered)
    assert "angenommen" in german(outcome.reason)
    assert not outcome.retryable


@pytest.mark.parametrize(
    ("handler", "rights", "place"),
    [
        (Taking, EVERYTHING, "taken"),
        (TakingLater, EVERYTHING, "inbox"),
        (Emptying, EVERYTHING, "taken"),
        (Choosy, EVERYTHING, "inbox"),
        (FTPHandler, WRITE_ONLY, "inbox"),
        (FTPHandler, NO_RENAME, "inbox"),
    ],
)
def test_directly_under_its_name_every_one_of_them_gets_the_file_once(
    tmp_path: Path, handler: type[FTPHandler], rights: str, place: str
) -> None:
    with serving(tmp_path, handler, rights) as target:
        assert isinstance(deliver(target), Undelivered)
        for left in (tmp_path / "taken").iterdir():
            left.unlink()
        assert deliver(directly(target)) == Delivered("bestand.csv", len(NEW))
    assert (tmp_path / place / "bestand.csv").read_bytes() == NEW
    assert not list((tmp_path / "taken").glob("*.part"))


@pytest.mark.parametrize(("handler", "rights"), [(Choosy, EVERYTHING), (FTPHandler, NO_RENAME)])
def test_a_server_that_lets_it_not_in_or_not_replace_hears_of_the_direct_way(
    tmp_path: Path, handler: type[FTPHandler], rights: str
) -> None:
    with serving(tmp_path, handler, rights) as target:
        outcome = deliver(target)
    assert isinstance(outcome, Undelivered)
    assert "direkten Weg" in german(outcome.reason)


def test_the_trial_of_a_direct_delivery_writes_nothing(tmp_path: Path) -> None:
    """Whatever arrives might be taken for the whole stock."""
    with serving(tmp_path, Taking) as target:
        results = {step.step: step.state for step in delivery.test_connection(directly(target), HERE)}
    assert results[DeliveryStep.FOLDER] is StepState.OK
    assert results[DeliveryStep.WRITE] is results[DeliveryStep.RENAME] is StepState.SKIPPED
    assert not list((tmp_path / "inbox").iterdir())
    assert not list((tmp_path / "taken").iterdir())


@pytest.mark.parametrize("direct", [True, False])
def test_a_connection_that_is_lost_on_the_way_says_what_may_lie_there(direct: bool) -> None:
    class Lost:
        def names(self) -> list[str]:
            return []

        def store(self, _name: str, _stream: Any) -> None:
            raise ConnectionResetError

    target = Target("sftp", host="localhost", file_name="bestand.csv", direct=direct)
    attempt = DeliveryAttempt(target, HERE, 20)
    with pytest.raises(ConnectionResetError) as lost:
        upload(Lost(), attempt, "bestand.csv", stream("A-1"), len(NEW))  # type: ignore[arg-type]
    told = delivery.operations.failure(lost.value, attempt)
    assert isinstance(told, DeliveryFailure)
    assert told.retryable
    assert ("unvollständige Datei" in german(told.reason)) == direct


@pytest.mark.parametrize("direct", [True, False])
def test_ftps_with_implicit_tls(tmp_path: Path, direct: bool) -> None:
    authority, certificate = prepare(tmp_path / "keys", life=timedelta(days=100))
    handler = type("Sealed", (Implicit,), {"certfile": str(certificate), "tls_data_required": True})
    with serving(tmp_path, handler) as target:
        secure = replace(target, transport="ftps", implicit_tls=True, direct=direct)
        outcome = delivery.deliver(secure, stream("A-1"), replace(HERE, authorities=authority))
    assert outcome == Delivered("bestand.csv", len(NEW))
    assert (tmp_path / "inbox" / "bestand.csv").read_bytes() == NEW


def test_implicit_tls_trusts_no_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    _authority, certificate = prepare(tmp_path / "keys", life=timedelta(days=100))
    handler = type("Sealed", (Implicit,), {"certfile": str(certificate)})
    with serving(tmp_path, handler) as target:
        outcome = deliver(replace(target, transport="ftps", implicit_tls=True))
    assert isinstance(outcome, Undelivered)
    assert outcome.step is DeliveryStep.CERTIFICATE
    assert not list((tmp_path / "inbox").iterdir())
