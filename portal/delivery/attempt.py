"""One attempt to reach a server: where it stands, and the time that it may take."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from portal.delivery.contract import DeliveryFailure, DeliveryStep, EgressPolicy, Target
from portal.delivery.egress import Endpoint, endpoints
from portal.formats.addresses import ascii_email, ascii_host, ascii_url
from portal.messages import say

OVERTAKEN = say("Ein anderer Vorgang des Portals überträgt inzwischen. Dieser wurde abgebrochen.")


def in_ascii(target: Target) -> Target:
    """Its addresses as machines take them. What is no address stays and fails where it is looked at."""
    return replace(
        target,
        host=ascii_host(target.host) or target.host,
        url=ascii_url(target.url) or target.url,
        recipient=ascii_email(target.recipient) or target.recipient,
    )


class DeliveryAttempt:
    """Time-outs for single answers are the sockets' own; this is what ends a server that keeps dribbling.

    A socket that is watched is shut down when the time is over, which ends whatever waits for it.
    """

    def __init__(
        self, target: Target, policy: EgressPolicy, seconds: float, go_on: Callable[[], bool] = lambda: True
    ) -> None:
        self.target, self.policy, self.seconds = in_ascii(target), policy, seconds
        self._go_on = go_on
        self.step = DeliveryStep.NAME
        self.silent = False
        """An answer did not come in time."""
        self.over = False
        """The whole took too long."""
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []

    def at(self, step: DeliveryStep) -> None:
        """What follows belongs to this step."""
        self.step = step

    def ask_to_go_on(self) -> None:
        """At the last moment before something changes at the server. Raises Failure."""
        if not self._go_on():
            raise DeliveryFailure(self.step, OVERTAKEN, retryable=True)

    def endpoints(self, transport: str, host: str, port: int) -> tuple[Endpoint, ...]:
        self.at(DeliveryStep.NAME)
        found = endpoints(transport, host, port, self.policy)
        self.at(DeliveryStep.CONNECT)
        return found

    def connect(self) -> socket.socket:
        """To the first address that answers. Raises OSError of the last one otherwise."""
        target = self.target
        found = self.endpoints(target.transport, target.host, target.port)
        for end in found[:-1]:
            with suppress(OSError):
                return self._connected(end)
        return self._connected(found[-1])

    def _connected(self, end: Endpoint) -> socket.socket:
        connection = socket.create_connection((end.address, end.port), timeout=self.policy.patience.connect)
        connection.settimeout(self.policy.patience.answer)
        self.watch(connection)
        return connection

    def watch(self, connection: socket.socket) -> None:
        """This socket, too, is shut down when time is over."""
        with self._lock:
            self._sockets.append(connection)
        if self.over or self.silent:
            self._shut()

    @contextmanager
    def limited(self) -> Iterator[None]:
        """The whole."""
        with self._ending_after(self.seconds, "over"):
            yield

    @contextmanager
    def one_answer(self) -> Iterator[None]:
        """For libraries that wait without a time-out of their own."""
        with self._ending_after(self.policy.patience.answer, "silent"):
            yield

    @contextmanager
    def _ending_after(self, seconds: float, mark: str) -> Iterator[None]:
        def end() -> None:
            setattr(self, mark, True)
            self._shut()

        timer = threading.Timer(seconds, end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _shut(self) -> None:
        with self._lock:
            open_ones = list(self._sockets)
        for connection in open_ones:
            with suppress(OSError):
                # Not the method of an SSL socket: that one is not made for two threads.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
