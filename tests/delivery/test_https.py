"""Upload by HTTPS: to the file portal, and to a server with a certificate that answers as told."""

from __future__ import annotations

import gzip
import ssl
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any, BinaryIO

import pytest

from portal import delivery
from portal.delivery import (
    HTTPS_LIMIT,
    Delivered,
    DeliveryStep,
    EgressPolicy,
    Missing,
    StepState,
    Target,
    Undelivered,
    limit_of,
)
from portal.sandbox.files.certificates import prepare
from tests.delivery.conftest import SHORT, dribbling, inventory, stream
from tests.marketplace import Marketplace
from tests.words import german


def refused(target: Target, policy: EgressPolicy, file: BinaryIO | None = None) -> Undelivered:
    outcome = delivery.deliver(target, file or stream("A-1"), policy)
    assert isinstance(outcome, Undelivered), outcome
    return outcome


def test_a_file_arrives_with_the_answer_of_the_platform(
    marketplace: Marketplace, policy: EgressPolicy
) -> None:
    target = marketplace.target("https")
    outcome = delivery.deliver(target, stream("A-1", "A-2"), policy)
    assert isinstance(outcome, Delivered)
    assert outcome.size == len(inventory("A-1", "A-2"))
    assert '"file":"bestand.csv"' in outcome.answer.replace(" ", "")
    assert set(marketplace.file_stock()) == {"A-1", "A-2"}
    assert marketplace.file("bestand.csv") == inventory("A-1", "A-2")


def test_the_report_is_read_beside_the_upload(marketplace: Marketplace, policy: EgressPolicy) -> None:
    target = marketplace.target("https")
    delivery.deliver(target, stream("A-1"), policy)
    report = delivery.fetch(target, "bestand.csv.report.csv", 10_000, policy)
    assert report == marketplace.file("bestand.csv.report.csv")
    assert delivery.fetch(target, "fehlt.csv", 10_000, policy) == Missing("fehlt.csv")
    too_large = delivery.fetch(target, "bestand.csv.report.csv", 10, policy)
    assert isinstance(too_large, Undelivered)
    assert too_large.step is DeliveryStep.READ


def test_a_wrong_password_fails_at_the_login(marketplace: Marketplace, policy: EgressPolicy) -> None:
    target = marketplace.target("https", password="falsch")
    assert (refused(target, policy).step, refused(target, policy).retryable) == (DeliveryStep.LOGIN, False)
    results = delivery.test_connection(target, policy)
    assert [result.step for result in results if result.state is StepState.FAILED] == [DeliveryStep.LOGIN]


def test_a_test_uploads_nothing_and_says_so(marketplace: Marketplace, policy: EgressPolicy) -> None:
    results = delivery.test_connection(marketplace.target("https"), policy)
    assert {result.step: result.state for result in results} == {
        DeliveryStep.NAME: StepState.OK,
        DeliveryStep.CONNECT: StepState.OK,
        DeliveryStep.CERTIFICATE: StepState.SKIPPED,
        DeliveryStep.LOGIN: StepState.OK,
        DeliveryStep.WRITE: StepState.SKIPPED,
    }
    assert "ersten Datei" in german(results[-1].text)
    assert marketplace.files() == {}


@pytest.mark.parametrize(
    ("effect", "step", "retryable"),
    [
        ("reject", DeliveryStep.LOGIN, False),
        ("disk-full", DeliveryStep.WRITE, True),
        ("reset", DeliveryStep.WRITE, True),
        ("hang", DeliveryStep.WRITE, True),
    ],
)
def test_faults_leave_the_old_file(
    effect: str, step: DeliveryStep, retryable: bool, marketplace: Marketplace
) -> None:
    policy = marketplace.egress_policy(patience=SHORT)
    target = marketplace.target("https")
    delivery.deliver(target, stream("A-1"), policy)
    marketplace.fault(effect, "store", count=1)
    outcome = refused(target, policy, stream("B-1"))
    assert (outcome.step, outcome.retryable) == (step, retryable)
    assert marketplace.file("bestand.csv") == inventory("A-1")
    assert isinstance(delivery.deliver(target, stream("B-1"), policy), Delivered)


class Sized(BytesIO):
    """Claims to be large without being it."""

    def seek(self, offset: int, whence: int = 0) -> int:
        return HTTPS_LIMIT + 1 if whence == 2 else super().seek(offset, whence)


def test_more_than_fifty_megabytes_are_not_even_sent(marketplace: Marketplace, policy: EgressPolicy) -> None:
    outcome = refused(marketplace.target("https"), policy, Sized(b"x"))
    assert (outcome.step, outcome.retryable) == (DeliveryStep.WRITE, False)
    assert "50" in german(outcome.reason)
    assert marketplace.requests("store") == []
    assert limit_of("https") == HTTPS_LIMIT == 50 * 1024 * 1024
    assert limit_of("sftp") is None


@dataclass
class Peer:
    """A server with a certificate for localhost that answers every request alike."""

    authority: Path
    port: int = 0
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"Danke"
    seen: list[tuple[str, str, str]] = field(default_factory=list)
    """Method, Host and Authorization."""
    bodies: list[bytes] = field(default_factory=list)

    def target(self, **changes: Any) -> Target:
        url = f"https://localhost:{self.port}/upload?token=geheim"
        return Target("https", **({"url": url, "file_name": "a.csv", "media_type": "text/csv"} | changes))


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    authority, certificate = prepare(tmp_path)
    with serving(Peer(authority), certificate) as found:
        yield found


@contextmanager
def serving(peer: Peer, certificate: Path) -> Iterator[Peer]:
    class Answer(BaseHTTPRequestHandler):
        def do_any(self) -> None:
            peer.seen.append((self.command, self.headers["Host"], self.headers.get("Authorization", "")))
            peer.bodies.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            self.send_response(peer.status)
            for name, value in {**peer.headers, "Content-Length": str(len(peer.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(peer.body)

        do_GET = do_POST = do_OPTIONS = do_any

        def log_message(self, *_args: object) -> None:
            """Nothing to say."""

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, *_args: object) -> None:
            """A client that refuses the certificate is what some tests want."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Quiet(("127.0.0.1", 0), Answer) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        peer.port = server.server_port
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield peer
        server.shutdown()
        thread.join()


@pytest.fixture
def trusting(peer: Peer, policy: EgressPolicy) -> EgressPolicy:
    return replace(policy, authorities=peer.authority)


def test_name_and_login_reach_the_server_although_the_address_is_connected_to(
    peer: Peer, trusting: EgressPolicy
) -> None:
    outcome = delivery.deliver(peer.target(username="anna", password="b"), stream("A-1"), trusting)
    assert outcome == Delivered("a.csv", len(inventory("A-1")), "Danke")
    assert peer.seen == [("POST", f"localhost:{peer.port}", "Basic YW5uYTpi")]
    assert b'name="file"; filename="a.csv"\r\nContent-Type: text/csv' in peer.bodies[0]
    assert inventory("A-1") in peer.bodies[0]


def test_certificates_are_verified(peer: Peer, policy: EgressPolicy, trusting: EgressPolicy) -> None:
    outcome = refused(peer.target(), policy)
    assert (outcome.step, outcome.retryable) == (DeliveryStep.CERTIFICATE, False)
    here = replace(trusting, look_up=lambda _host: ["127.0.0.1"])
    other = peer.target(url=f"https://boerse.example.org:{peer.port}/upload")
    assert refused(other, here).step is DeliveryStep.CERTIFICATE
    assert peer.seen == []


def test_a_test_of_a_server_with_a_certificate_asks_and_uploads_nothing(
    peer: Peer, trusting: EgressPolicy
) -> None:
    peer.status = 405
    results = delivery.test_connection(peer.target(), trusting)
    assert [result.state for result in results] == [StepState.OK] * 4 + [StepState.SKIPPED]
    assert [method for method, _host, _login in peer.seen] == ["OPTIONS"]


def test_a_list_of_authorities_that_is_not_there_is_no_fault_of_the_server(
    peer: Peer, policy: EgressPolicy, tmp_path: Path
) -> None:
    outcome = refused(peer.target(), replace(policy, authorities=tmp_path / "missing.pem"))
    assert (outcome.step, outcome.retryable) == (DeliveryStep.CERTIFICATE, True)
    assert "Betreiber" in german(outcome.reason)


def test_an_answer_without_end_is_left(marketplace: Marketplace) -> None:
    hasty = marketplace.egress_policy(patience=replace(SHORT, total=2))
    with dribbling(b"HTTP/1.1 200 OK\r\nX: 1\r\n") as port:
        outcome = refused(Target("https", url=f"http://localhost:{port}/", file_name="a.csv"), hasty)
    assert outcome.retryable


def test_a_packed_answer_is_not_unpacked(peer: Peer, trusting: EgressPolicy) -> None:
    """A hundred kilobytes would become a hundred megabytes."""
    peer.headers = {"Content-Encoding": "gzip"}
    peer.body = gzip.compress(bytes(100_000_000))
    tracemalloc.start()
    try:
        assert isinstance(delivery.deliver(peer.target(), stream("A-1"), trusting), Delivered)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirection_is_not_followed(status: int, peer: Peer, trusting: EgressPolicy) -> None:
    peer.status, peer.headers = status, {"Location": "https://localhost:1/"}
    outcome = refused(peer.target(), trusting)
    assert (outcome.step, outcome.retryable) == (DeliveryStep.WRITE, False)
    assert "leitet" in german(outcome.reason)
    assert len(peer.seen) == 1


@pytest.mark.parametrize(
    ("status", "step", "retryable"),
    [
        (400, DeliveryStep.WRITE, False),
        (401, DeliveryStep.LOGIN, False),
        (403, DeliveryStep.LOGIN, False),
        (404, DeliveryStep.WRITE, False),
        (413, DeliveryStep.WRITE, False),
        (422, DeliveryStep.WRITE, False),
        (429, DeliveryStep.WRITE, True),
        (500, DeliveryStep.WRITE, True),
        (503, DeliveryStep.WRITE, True),
    ],
)
def test_every_answer_has_its_meaning(
    status: int, step: DeliveryStep, retryable: bool, peer: Peer, trusting: EgressPolicy
) -> None:
    peer.status, peer.body = status, b"Nein:\r\n\x00\x1b[31m " + b"x" * 5_000
    outcome = refused(peer.target(), trusting)
    assert (outcome.step, outcome.retryable) == (step, retryable)
    assert german(outcome.reason).isprintable()
    assert len(german(outcome.reason)) < 400
    assert "geheim" not in german(outcome.reason)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "upload",
        "ftp://example.org/",
        "https://",
        "https://anna:geheim@example.org/upload",
        "https://example.org:99999/",
        "file:///etc/passwd",
    ],
)
def test_what_is_no_address_is_refused(url: str, policy: EgressPolicy) -> None:
    target = Target("https", url=url, file_name="a.csv")
    outcome = refused(target, replace(policy, look_up=lambda _host: ["1.1.1.1"]))
    assert outcome.step in (DeliveryStep.NAME, DeliveryStep.CONNECT)
    assert not outcome.retryable
    assert "geheim" not in german(outcome.reason)


def test_nothing_goes_out_unencrypted(policy: EgressPolicy) -> None:
    target = Target("https", url="http://example.org:443/upload", file_name="a.csv")
    outcome = refused(target, replace(policy, look_up=lambda _host: ["1.1.1.1"]))
    assert outcome.step is DeliveryStep.NAME
    assert "https://" in german(outcome.reason)
