"""Host keys and logging in by key."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import asyncssh
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from portal import delivery
from portal.delivery import (
    Delivered,
    DeliveryStep,
    EgressPolicy,
    HostKey,
    StepState,
    Target,
    Undelivered,
    sftp,
)
from portal.delivery.contract import DeliveryFailure
from portal.delivery.sftp import private_key
from tests.delivery.conftest import SHORT, stream
from tests.marketplace import Marketplace
from tests.words import german


def refused(target: Target, policy: EgressPolicy) -> Undelivered:
    outcome = delivery.deliver(target, stream("A-1"), policy)
    assert isinstance(outcome, Undelivered), outcome
    return outcome


def test_the_host_key_is_shown_without_logging_in(marketplace: Marketplace, policy: EgressPolicy) -> None:
    target = marketplace.target("sftp", host_key="", password="")
    shown = delivery.host_key(target, policy)
    assert isinstance(shown, HostKey)
    assert shown.pin == marketplace.target("sftp").host_key
    assert shown.fingerprint.startswith("SHA256:")
    assert marketplace.requests("login") == []


def test_what_is_shown_can_be_pinned(marketplace: Marketplace, policy: EgressPolicy) -> None:
    shown = delivery.host_key(marketplace.target("sftp", host_key=""), policy)
    assert isinstance(shown, HostKey)
    for pin in (shown.pin, shown.fingerprint):
        target = marketplace.target("sftp", host_key=pin)
        assert isinstance(delivery.deliver(target, stream("A-1"), policy), Delivered)


def test_of_a_very_full_folder_only_the_beginning_is_looked_through(
    marketplace: Marketplace, policy: EgressPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sftp, "MOST_NAMES", 2)
    for name in ("a.csv", "b.csv", "c.csv", "d.csv"):
        target = marketplace.target("sftp", file_name=name)
        assert isinstance(delivery.deliver(target, stream("A-1"), policy), Delivered)
    assert len(marketplace.files()) >= 4


def test_without_a_pinned_key_nothing_is_sent_and_the_key_is_asked(
    marketplace: Marketplace, policy: EgressPolicy
) -> None:
    target = marketplace.target("sftp", host_key="")
    assert refused(target, policy).step is DeliveryStep.HOST_KEY
    result = delivery.test_connection(target, policy)[2]
    assert (result.step, result.state) == (DeliveryStep.HOST_KEY, StepState.FAILED)
    assert result.host_key
    assert result.host_key.pin == marketplace.target("sftp").host_key
    assert result.host_key.fingerprint in german(result.text)
    assert marketplace.requests("login") == []


def test_another_host_key_is_refused_before_the_password_is_sent(
    marketplace: Marketplace, policy: EgressPolicy
) -> None:
    target = marketplace.target("sftp")
    marketplace.fault("wrong-host-key")
    outcome = refused(target, policy)
    assert (outcome.step, outcome.retryable) == (DeliveryStep.HOST_KEY, False)
    assert "anderen Schlüssel" in german(outcome.reason)
    results = delivery.test_connection(target, policy)
    assert [result.step for result in results if result.state is StepState.FAILED] == [DeliveryStep.HOST_KEY]
    assert isinstance(delivery.fetch(target, "bestand.csv", 100, policy), Undelivered)
    assert marketplace.requests("login", "store") == []
    marketplace.heal()
    assert isinstance(delivery.deliver(target, stream("A-1"), policy), Delivered)


def test_a_key_of_another_kind_is_not_taken_instead(marketplace: Marketplace, policy: EgressPolicy) -> None:
    fingerprint = marketplace.target("sftp").host_key.partition(" ")[2]
    outcome = refused(marketplace.target("sftp", host_key=f"ssh-rsa {fingerprint}"), policy)
    assert (outcome.step, outcome.retryable) == (DeliveryStep.HOST_KEY, False)
    assert marketplace.requests("login") == []


def test_a_silent_server_has_no_host_key(marketplace: Marketplace) -> None:
    marketplace.fault("hang", "connect")
    outcome = delivery.host_key(marketplace.target("sftp"), marketplace.egress_policy(patience=SHORT))
    assert isinstance(outcome, Undelivered)
    assert (outcome.step, outcome.retryable) == (DeliveryStep.CONNECT, True)


def key_pair(kind: str, passphrase: str | None = None, form: str = "openssh") -> tuple[str, str]:
    """Private and public half, as people paste them."""
    key = asyncssh.generate_private_key(kind)
    private = key.export_private_key(form, passphrase=passphrase).decode()
    return private, key.export_public_key().decode()


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("ssh-ed25519", "openssh"),
        ("ecdsa-sha2-nistp256", "openssh"),
        ("ssh-rsa", "openssh"),
        ("ssh-rsa", "pkcs1-pem"),
        ("ecdsa-sha2-nistp384", "pkcs8-pem"),
    ],
)
def test_a_key_opens_the_door(kind: str, form: str, marketplace: Marketplace, policy: EgressPolicy) -> None:
    private, public = key_pair(kind, form=form)
    marketplace.allow_key(public)
    pasted = f"\n  {private}".replace("\n", "\r\n")
    target = marketplace.target("sftp", password="", private_key=pasted)
    assert isinstance(delivery.deliver(target, stream("A-1"), policy), Delivered)
    assert all(result.state is StepState.OK for result in delivery.test_connection(target, policy))


def test_a_key_with_a_passphrase_needs_it(marketplace: Marketplace, policy: EgressPolicy) -> None:
    private, public = key_pair("ssh-ed25519", "geheim")
    marketplace.allow_key(public)
    target = marketplace.target("sftp", password="geheim", private_key=private)
    assert isinstance(delivery.deliver(target, stream("A-1"), policy), Delivered)
    for passphrase in ("", "falsch"):
        outcome = refused(replace(target, password=passphrase), policy)
        assert (outcome.step, outcome.retryable) == (DeliveryStep.LOGIN, False)
        assert "Kennwort" in german(outcome.reason)


def test_every_sound_key_is_read() -> None:
    for _ in range(50):
        private, public = key_pair("ecdsa-sha2-nistp256")
        assert private_key(private, "").get_base64() in public


def test_a_password_that_is_left_over_does_not_matter() -> None:
    for form in ("openssh", "pkcs8-pem"):
        private, public = key_pair("ssh-ed25519", form=form)
        assert private_key(private, "altes Passwort").get_base64() in public


def test_a_kind_of_key_that_is_not_for_logging_in_is_named() -> None:
    key = X25519PrivateKey.generate()
    form = serialization.PrivateFormat.PKCS8
    text = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
    with pytest.raises(DeliveryFailure, match="Art"):
        private_key(text, "")


def test_a_key_that_the_server_does_not_know_fails_at_the_login(
    marketplace: Marketplace, policy: EgressPolicy
) -> None:
    private, _ = key_pair("ssh-ed25519")
    outcome = refused(marketplace.target("sftp", password="", private_key=private), policy)
    assert (outcome.step, outcome.retryable) == (DeliveryStep.LOGIN, False)
    assert "öffentlichen Schlüssel" in german(outcome.reason)


@pytest.mark.parametrize("text", ["kein Schlüssel", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"])
def test_what_is_no_key_is_said_to_be_none(text: str, marketplace: Marketplace, policy: EgressPolicy) -> None:
    outcome = refused(marketplace.target("sftp", private_key=text), policy)
    assert outcome.step is DeliveryStep.LOGIN
    assert "nicht lesbar" in german(outcome.reason)


def test_secrets_stand_in_no_representation(marketplace: Marketplace) -> None:
    target = marketplace.target("sftp", password="p4ssw0rd", private_key="pr1vate", url="https://x/?t=t0ken")
    assert not any(secret in repr(target) for secret in ("p4ssw0rd", "pr1vate", "t0ken"))


class Door(asyncssh.SSHServer):
    """Knows when its visitor has left: until then the loop is needed."""

    def __init__(self) -> None:
        self.left = asyncio.Event()

    def connection_lost(self, _exc: Exception | None) -> None:
        self.left.set()


@contextmanager
def serving(make_door: Callable[[], Door], **options: Any) -> Iterator[tuple[int, str]]:
    """Port and pin."""
    # Its loop runs in a thread of its own from the start: another loop may be running in this one.
    loop, key = asyncio.new_event_loop(), asyncssh.generate_private_key("ssh-ed25519")
    thread = Thread(target=loop.run_forever)
    thread.start()
    doors: list[Door] = []

    def door() -> Door:
        doors.append(make_door())
        return doors[-1]

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen("127.0.0.1", 0, server_factory=door, server_host_keys=[key], **options)

    async def end() -> None:
        for one in doors:
            await one.left.wait()
        server.close()
        await server.wait_closed()

    server = asyncio.run_coroutine_threadsafe(listen(), loop).result(10)
    try:
        yield server.get_port(), f"ssh-ed25519 {key.get_fingerprint()}"
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class OneWay(Door):
    """Lets people in by the other way only, and ends the conversation after one wrong password."""

    def __init__(self, *, passwords: bool) -> None:
        super().__init__()
        self._passwords = passwords
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn

    def password_auth_supported(self) -> bool:
        return self._passwords

    def public_key_auth_supported(self) -> bool:
        return not self._passwords

    async def validate_password(self, _username: str, _password: str) -> bool:
        assert self._connection
        self._connection.disconnect(asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE, "Too many failures")
        await self._connection.wait_closed()
        return False


@pytest.mark.parametrize(("passwords", "says"), [(False, "mit Passwort"), (True, "mit Schlüssel")])
def test_a_way_of_logging_in_that_the_server_does_not_offer_is_named(
    passwords: bool, says: str, marketplace: Marketplace, policy: EgressPolicy
) -> None:
    with serving(partial(OneWay, passwords=passwords)) as (port, pin):
        private = key_pair("ssh-ed25519")[0] if passwords else ""
        target = marketplace.target("sftp", port=port, host_key=pin, private_key=private)
        outcome = refused(replace(target, password="" if private else "x"), policy)
    assert (outcome.step, outcome.retryable) == (DeliveryStep.LOGIN, False)
    assert says in german(outcome.reason)


def test_a_server_that_hangs_up_after_the_password_is_no_riddle(
    marketplace: Marketplace, policy: EgressPolicy
) -> None:
    with serving(partial(OneWay, passwords=True)) as (port, pin):
        outcome = refused(marketplace.target("sftp", port=port, host_key=pin), policy)
    assert outcome.step is DeliveryStep.LOGIN
    assert "Passwort" in german(outcome.reason)


class Open(Door):
    """Asks for no login."""

    def begin_auth(self, _username: str) -> bool:
        return False


class InWindows1252(asyncssh.SFTPPermissionDenied):
    """asyncssh writes reasons as UTF-8 only."""

    def encode(self, version: int) -> bytes:
        return super().encode(version).replace("ö".encode(), "ö ".encode("cp1252"))


class OldCharset(asyncssh.SFTPServer):
    """Lets nobody into the folder `zu`."""

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        if b"zu/" in path:
            raise InWindows1252("Verzögert durch Wartung")
        return super().open(path, pflags, attrs)


def test_what_an_old_server_calls_its_files_and_says_is_no_reason_to_fail(
    marketplace: Marketplace, policy: EgressPolicy, tmp_path: Path
) -> None:
    """SFTP demands UTF-8; servers of Windows write the code page of their country."""
    tmp_path.joinpath("zu").mkdir()
    with open(bytes(tmp_path) + "/Käfer.csv".encode("cp1252"), "wb"):
        pass

    def files(channel: Any) -> OldCharset:
        return OldCharset(channel, chroot=bytes(tmp_path))

    with serving(Open, sftp_factory=files) as (port, pin):
        target = marketplace.target("sftp", port=port, host_key=pin)
        taken = delivery.deliver(target, stream("A-1"), policy)
        outcome = refused(replace(target, folder="zu"), policy)
    assert isinstance(taken, Delivered)
    assert outcome.step is DeliveryStep.WRITE
    assert "gert durch Wartung" in german(outcome.reason)
