"""Certificates, and what must never go unencrypted."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from socket import create_server
from threading import Thread

import pytest

from portal import delivery
from portal.delivery import DeliveryStep, EgressPolicy, Undelivered
from portal.delivery.attempt import DeliveryAttempt
from portal.delivery.ftp import open_folder
from portal.sandbox.files.certificates import prepare
from tests.delivery.conftest import stream
from tests.marketplace import Marketplace
from tests.words import german


def refused(marketplace: Marketplace, policy: EgressPolicy, **changes: object) -> Undelivered:
    outcome = delivery.deliver(marketplace.target("ftps", **changes), stream("A-1"), policy)
    assert isinstance(outcome, Undelivered), outcome
    return outcome


def test_an_authority_that_nobody_knows_is_refused_before_the_password_is_sent(
    marketplace: Marketplace, policy: EgressPolicy
) -> None:
    outcome = refused(marketplace, replace(policy, authorities=None))
    assert (outcome.step, outcome.retryable) == (DeliveryStep.CERTIFICATE, False)
    assert "anerkannten Stelle" in german(outcome.reason)
    assert marketplace.requests("login") == []


def test_a_certificate_for_another_name_is_refused(marketplace: Marketplace, policy: EgressPolicy) -> None:
    here = replace(policy, look_up=lambda _host: ["127.0.0.1"])
    outcome = refused(marketplace, here, host="ftp.example.org")
    assert outcome.step is DeliveryStep.CERTIFICATE
    assert "ftp.example.org" in german(outcome.reason)
    assert marketplace.requests("login") == []


@contextmanager
def ftp_greeting_over(certificate: Path) -> Iterator[int]:
    """A server that goes as far as the certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(10)
                connection.sendall(b"220 \xdcbertragung bereit.\r\n")
                connection.recv(100)
                connection.sendall(b"234 Go on.\r\n")
                try:
                    context.wrap_socket(connection, server_side=True).close()
                except OSError:
                    return

        thread = Thread(target=answer)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def test_an_expired_certificate_is_refused(
    marketplace: Marketplace, policy: EgressPolicy, tmp_path: Path
) -> None:
    authority, certificate = prepare(tmp_path, life=timedelta(days=1))
    with ftp_greeting_over(certificate) as port:
        outcome = refused(marketplace, replace(policy, authorities=authority), port=port)
    assert outcome.step is DeliveryStep.CERTIFICATE
    assert "abgelaufen" in german(outcome.reason)


def test_a_server_without_encryption_gets_no_password(marketplace: Marketplace, policy: EgressPolicy) -> None:
    said: list[bytes] = []
    with create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(10)
                connection.sendall(b"220 Welcome.\r\n")
                while line := connection.recv(100):
                    said.append(line)
                    connection.sendall(b"502 Not implemented.\r\n")

        thread = Thread(target=answer)
        thread.start()
        outcome = refused(marketplace, policy, port=listener.getsockname()[1])
        thread.join()
    assert (outcome.step, outcome.retryable) == (DeliveryStep.CERTIFICATE, False)
    assert said == [b"AUTH TLS\r\n"]


@pytest.mark.parametrize("command", ["NLST", "STOR a.csv"])
def test_the_data_goes_encrypted_and_continues_the_session(
    command: str, marketplace: Marketplace, policy: EgressPolicy
) -> None:
    attempt = DeliveryAttempt(marketplace.target("ftps"), policy, 30)
    with open_folder(attempt) as server, server.data(command) as connection:
        assert isinstance(connection, ssl.SSLSocket)
        if command == "NLST":
            assert connection.recv(1) == b""
        else:
            connection.sendall(b"x")
        assert connection.session_reused
