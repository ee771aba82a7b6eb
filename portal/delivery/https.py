"""Upload by HTTPS, one multipart request; and a message that is posted as it is."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO, TypeVar
from urllib.parse import quote

import httpx

from portal.delivery import egress
from portal.delivery.attempt import DeliveryAttempt
from portal.delivery.contract import (
    Answered,
    DeliveryFailure,
    DeliveryStep,
    RemoteFile,
    ServerRefusal,
    Target,
)
from portal.delivery.egress import Endpoint
from portal.delivery.reasons import printable, quoted
from portal.delivery.remote_folder import too_large
from portal.messages import say

T = TypeVar("T")
FIELD = "file"
"""Name of the form's field that carries the file."""
MOST_ANSWER, MOST_SHOWN = 65_536, 500
_OTHERWISE = {
    True: say("Der Server gibt die Datei nicht heraus: Status {status}{said}."),
    False: say("Der Server nimmt die Datei nicht an: Status {status}{said}."),
}
"""By whether the file is read."""
OPENED = ("connection.connect_tcp.complete", "connection.start_tls.complete")


def upload(attempt: DeliveryAttempt, name: str, stream: BinaryIO) -> str:
    """Returns what the server answered, cut."""
    target = attempt.target

    def request_over(client: httpx.Client, url: httpx.URL, more: dict[str, Any]) -> str:
        stream.seek(0)
        files = {FIELD: (name, stream, target.media_type)}
        with client.stream("POST", url, files=files, **more) as answer:
            attempt.at(DeliveryStep.WRITE)
            text = _read(answer, MOST_ANSWER).decode("utf-8", "replace")
            _judge(answer, attempt, text)
            return printable(text)[:MOST_SHOWN]

    return _first_that_connects(attempt, target.url, request_over)


def look(attempt: DeliveryAttempt) -> None:
    """Ask what the address offers: nothing is uploaded, a platform might take it for the whole stock."""

    def request_over(client: httpx.Client, url: httpx.URL, more: dict[str, Any]) -> None:
        with client.stream("OPTIONS", url, **more) as answer:
            attempt.at(DeliveryStep.LOGIN)
            if answer.status_code not in (405, 501):  # what is offered is not told; that says nothing
                _judge(answer, attempt, "")

    _first_that_connects(attempt, attempt.target.url, request_over)


def read(attempt: DeliveryAttempt, name: str, limit: int) -> bytes | None:
    """A file beside the upload's address, up to one byte more than `limit`; None when there is none."""

    def request_over(client: httpx.Client, url: httpx.URL, more: dict[str, Any]) -> bytes | None:
        with client.stream("GET", url, **more) as answer:
            attempt.at(DeliveryStep.READ)
            if answer.status_code == 404:
                return None
            _judge(answer, attempt, "")
            return _read(answer, limit + 1)

    return _first_that_connects(attempt, str(httpx.URL(attempt.target.url).join(quote(name))), request_over)


def load(attempt: DeliveryAttempt, sink: BinaryIO | None, limit: int) -> RemoteFile | None:
    """The file at the address, into `sink` where there is one; None where there is no such file.

    Described by what stands above the answer: the same request is asked both times, because an address that
    somebody signed is good for no other.
    """

    def request_over(client: httpx.Client, url: httpx.URL, more: dict[str, Any]) -> RemoteFile | None:
        with client.stream("GET", url, **more) as answer:
            attempt.at(DeliveryStep.READ)
            if answer.status_code in (404, 410):
                return None
            _judge(answer, attempt, "")
            if sink is not None:
                _copy(answer, sink, limit)
            length = answer.headers.get("content-length", "")
            changed = answer.headers.get("etag", "") or answer.headers.get("last-modified", "")
            return RemoteFile(int(length) if length.isdecimal() else None, printable(changed)[:MOST_SHOWN])

    return _first_that_connects(attempt, attempt.target.url, request_over)


def _copy(answer: httpx.Response, sink: BinaryIO, limit: int) -> None:
    """As it comes over the line. An answer that ends before its length is reached raises."""
    received = 0
    for block in answer.iter_raw():
        received += len(block)
        if received > limit:
            raise too_large(answer.url.path.rpartition("/")[2], limit)
        sink.write(block)


def post(attempt: DeliveryAttempt, body: bytes, headers: Mapping[str, str]) -> Answered:
    """Whatever the status: what it means is the caller's to judge. A redirect is not followed."""

    def request_over(client: httpx.Client, url: httpx.URL, more: dict[str, Any]) -> Answered:
        more["headers"] = {**headers, **more["headers"]}
        with client.stream("POST", url, content=body, **more) as answer:
            attempt.at(DeliveryStep.READ)
            said = _read(answer, MOST_SHOWN).decode("utf-8", "replace")
            return Answered(answer.status_code, printable(said), answer.headers.get("retry-after", ""))

    return _first_that_connects(attempt, attempt.target.url, request_over)


def _first_that_connects(
    attempt: DeliveryAttempt,
    address: str,
    request_over: Callable[[httpx.Client, httpx.URL, dict[str, Any]], T],
) -> T:
    """Nothing was sent yet where an address cannot be connected to."""
    url = _checked(address)
    found = attempt.endpoints("https", url.host, url.port or (80 if url.scheme == "http" else 443))
    if url.scheme == "http" and not all(end.allowed_by_name for end in found):
        raise DeliveryFailure(
            DeliveryStep.NAME,
            say("Die Adresse ist nicht verschlüsselt. Sie muss mit https:// beginnen, nicht mit http://."),
        )
    with _client(attempt) as client:
        for end in found[:-1]:
            try:
                return request_over(client, *_towards(end, url, attempt))
            except httpx.ConnectError:
                attempt.at(DeliveryStep.CONNECT)
        return request_over(client, *_towards(found[-1], url, attempt))


def _checked(address: str) -> httpx.URL:
    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, ValueError) as error:
        raise DeliveryFailure(
            DeliveryStep.NAME, say("Die Adresse ist nicht lesbar. Sie beginnt mit https://.")
        ) from error
    if url.scheme not in ("https", "http") or not url.host:
        raise DeliveryFailure(
            DeliveryStep.NAME, say("Die Adresse ist nicht vollständig. Sie beginnt mit https://.")
        )
    if url.userinfo:
        reason = say(
            "Benutzername und Passwort gehören nicht in die Adresse, sondern in ihre eigenen Felder."
        )
        raise DeliveryFailure(DeliveryStep.NAME, reason)
    return url


def is_unencrypted(target: Target) -> bool:
    return target.transport == "https" and httpx.URL(target.url).scheme == "http"


@contextmanager
def _client(attempt: DeliveryAttempt) -> Iterator[httpx.Client]:
    target, patience = attempt.target, attempt.policy.patience
    with httpx.Client(
        auth=(target.username, target.password) if target.username else None,
        verify=egress.trust(attempt.policy),
        timeout=httpx.Timeout(patience.answer, connect=patience.connect),
        follow_redirects=False,
        trust_env=False,
    ) as client:
        yield client


def _towards(end: Endpoint, url: httpx.URL, attempt: DeliveryAttempt) -> tuple[httpx.URL, dict[str, Any]]:
    """A request to exactly this address; the name stays in its head and in the check of the certificate."""

    def trace(event: str, info: dict[str, Any]) -> None:
        if event == "connection.connect_tcp.complete" and url.scheme == "https":
            attempt.at(DeliveryStep.CERTIFICATE)
        if event in OPENED:
            connection = info["return_value"].get_extra_info("socket")
            if isinstance(connection, socket.socket):
                attempt.watch(connection)
        if event.endswith("send_request_body.started"):
            attempt.at(DeliveryStep.WRITE)

    headers = {"Host": url.netloc.decode("ascii"), "Accept-Encoding": "identity"}
    extensions = {"sni_hostname": url.raw_host.decode("ascii"), "trace": trace}
    return url.copy_with(host=end.address), {"headers": headers, "extensions": extensions}


def _read(answer: httpx.Response, most: int) -> bytes:
    """As it comes over the line: packed, which nobody asked for, it could be a thousand times as large."""
    content = bytearray()
    for block in answer.iter_raw():
        content += block
        if len(content) >= most:
            break
    return bytes(content[:most])


def _judge(answer: httpx.Response, attempt: DeliveryAttempt, text: str) -> None:
    status = answer.status_code
    if answer.is_success:
        return
    if status in (401, 403):
        attempt.at(DeliveryStep.LOGIN)
        raise ServerRefusal(str(status))
    if answer.is_redirect:
        reason = say("Der Server leitet auf eine andere Adresse um. Tragen Sie die endgültige Adresse ein.")
        raise DeliveryFailure(attempt.step, reason)
    if status == 404:
        raise DeliveryFailure(
            attempt.step, say("Unter dieser Adresse nimmt der Server nichts an. Prüfen Sie sie.")
        )
    if status == 413:
        raise DeliveryFailure(
            attempt.step,
            say("Die Datei ist dem Server zu groß. Übertragen Sie sie ohne Bilder oder mit SFTP."),
        )
    raise DeliveryFailure(
        attempt.step,
        _OTHERWISE[attempt.step is DeliveryStep.READ].filled(status=status, said=quoted(text)),
        retryable=status in (408, 425, 429) or status >= 500,
    )
