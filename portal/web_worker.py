"""The worker class of gunicorn: a thread is given to a request once it has arrived, not while it arrives.

gunicorn's own threads wait for the rest of a request that somebody began to send, so as many half-sent ones
as there are threads stop everybody, and so does its poller where somebody does not hang up. Here both wait
among the sockets of the poller, for a limited time, and only so many. nginx in front does the same; this
holds without one, and for what gets past it.
"""

from __future__ import annotations

import re
import socket
import time
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from enum import Enum
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]

from portal import garbage

ARRIVAL = 30.0
"""Seconds from the first moment of a connection, or of its next request, until the request is whole."""
SILENCE = 30.0
"""Seconds without a byte while a thread reads the rest of a large body, or writes an answer."""
LARGEST_HEAD = 64 * 1024
"""gunicorn's parser refuses more. As much is gathered of a body in chunks, which browsers never send."""
LARGEST_WAITING = 2 * 1024 * 1024
"""Bytes of a body that are gathered before a thread reads it: as large as forms may be. Of larger ones
nothing is read but for those who may send them (`portal/web/bodies.py`)."""
MOST_ARRIVING, MOST_GATHERED = 500, 64 * 1024 * 1024
"""Connections and bytes of a process; where there are more, what waits longest is closed."""
PARTING = 2.0
"""Seconds in which whoever was answered may hang up; closed at once, the end of the answer could be lost."""
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,18})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_CHUNKED = re.compile(rb"^transfer-encoding:", re.IGNORECASE | re.MULTILINE)
_EXPECTS = re.compile(rb"^expect:[ \t]*100-continue", re.IGNORECASE | re.MULTILINE)
_END_OF_CHUNKS = b"0\r\n\r\n"


class Arrived(Enum):
    """How much of a request is there. LARGE: more than is gathered, so a thread reads the rest."""

    HALF = "half"
    WHOLE = "whole"
    LARGE = "large"


def arrived(data: bytes | bytearray) -> Arrived:
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return Arrived.LARGE if len(data) > LARGEST_HEAD else Arrived.HALF
    head, body = bytes(data[:end]), len(data) - end - 4
    if _CHUNKED.search(head):
        is_whole, length = data.endswith(_END_OF_CHUNKS), body * LARGEST_WAITING // LARGEST_HEAD
    else:
        found = _LENGTH.search(head)
        length = int(found[1]) if found else 0
        is_whole = length <= body
    if is_whole:
        return Arrived.WHOLE
    return Arrived.LARGE if max(length, body) > LARGEST_WAITING else Arrived.HALF


class PatientSocket(socket.socket):
    """Blocks for a while, where a plain one blocks for ever."""

    def setblocking(self, flag: bool) -> None:
        self.settimeout(SILENCE if flag else 0)


class WholeRequestWorker(ThreadWorker):  # type: ignore[misc]  # it has no types
    """All but `handle` runs in the one thread of the poller, so nothing here is locked."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.gathered = 0
        """Bytes, of all connections."""
        self.parting: deque[TConn] = deque()
        self.large: deque[TConn] = deque()
        """Large requests that wait for a thread: half of the threads are theirs, the rest is for others."""
        self.large_in_threads = 0

    def run(self) -> None:
        garbage.collect_rarely()
        super().run()

    def enqueue_req(self, conn: TConn) -> None:
        """For a new connection, for one that was kept alive, and for what came behind another request."""
        if not isinstance(conn.sock, PatientSocket):
            conn.sock = PatientSocket(fileno=conn.sock.detach())
        conn.sock.setblocking(False)
        conn.has_head = False
        conn.arrived = bytearray(conn.parser.unreader.take_buffered() if conn.parser else b"")
        self.gathered += len(conn.arrived)
        conn.timeout = time.monotonic() + ARRIVAL
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))
        self._go_on(conn)
        self._make_room()

    def on_pending_socket_readable(self, conn: TConn, _client: object) -> None:
        self._go_on(conn)
        self._make_room()

    def _go_on(self, conn: TConn) -> None:
        """Take what has come; hand the request over when that was the rest of it."""
        while (state := arrived(conn.arrived)) == Arrived.HALF:
            try:
                piece = conn.sock.recv(64 * 1024)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                piece = b""
            if not piece:
                self._drop(conn)
                return
            conn.arrived += piece
            self.gathered += len(piece)
            if not conn.has_head and b"\r\n\r\n" in conn.arrived:
                conn.has_head = True
                self._encourage(conn)
        self._leave(conn)
        conn.data_ready = True
        conn.all_here = state == Arrived.WHOLE
        conn.init()
        conn.parser.unreader.unread(bytes(conn.arrived))
        conn.arrived.clear()
        if conn.all_here:
            super().enqueue_req(conn)
        else:
            self.large.append(conn)
            self._start_large()

    def _start_large(self) -> None:
        while self.large and self.large_in_threads < max(1, self.cfg.threads // 2):
            self.large_in_threads += 1
            super().enqueue_req(self.large.popleft())

    def _encourage(self, conn: TConn) -> None:
        """Some send the body only when they are told to."""
        if _EXPECTS.search(conn.arrived.partition(b"\r\n\r\n")[0]):
            with suppress(OSError):
                conn.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _make_room(self) -> None:
        while len(self.pending_conns) > MOST_ARRIVING or self.gathered > MOST_GATHERED:
            self._drop(self.pending_conns[0])

    def murder_pending(self) -> None:
        """What did not arrive in time, and who did not hang up."""
        now = time.monotonic()
        while self.parting and self.parting[0].timeout <= now:
            self._hang_up(self.parting[0])
        while self.pending_conns and self.pending_conns[0].timeout <= now:
            self._drop(self.pending_conns[0])

    def _drop(self, conn: TConn) -> None:
        self._leave(conn)
        self.nr_conns -= 1
        conn.close()

    def _leave(self, conn: TConn) -> None:
        self.poller.unregister(conn.sock)
        self.pending_conns.remove(conn)
        self.gathered -= len(conn.arrived)

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:
        """The rest of a body that nobody wanted is not waited for."""
        return bool(super()._keepalive_after(conn, keepalive and conn.all_here))

    def finish_request(self, conn: TConn, done: Future[bool]) -> None:
        if not conn.all_here:
            self.large_in_threads -= 1
            self._start_large()
        if done.cancelled() or done.exception() or done.result():
            super().finish_request(conn, done)
            return
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)
            self.poller.register(conn.sock, EVENT_READ, partial(self._listen, conn))
        except (OSError, ValueError):
            self.nr_conns -= 1
            conn.close()
            return
        conn.timeout = time.monotonic() + PARTING
        self.parting.append(conn)

    def _listen(self, conn: TConn, _client: object) -> None:
        try:
            if conn.sock.recv(64 * 1024):
                return
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            pass
        self._hang_up(conn)

    def _hang_up(self, conn: TConn) -> None:
        self.poller.unregister(conn.sock)
        self.parting.remove(conn)
        self.nr_conns -= 1
        conn.close()
