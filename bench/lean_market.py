"""A marketplace that costs next to nothing: the benchmark measures the portal, not Flask.

    python -m bench.lean_market PORT LATENCY_MS SANDBOX_URL

It takes ads as mobile.de does and counts them by their insertion id. All else (reference lists, accounts) the
sandbox answers once, and this one from memory after that.
"""

from __future__ import annotations

import asyncio
import json
import sys
import urllib.request
from dataclasses import dataclass, field

JSON = b"application/json"


@dataclass
class LeanMarket:
    sandbox: str
    latency: float
    ads: dict[str, str] = field(default_factory=dict)
    """Ad ids by insertion id."""
    known: dict[str, tuple[int, bytes]] = field(default_factory=dict)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                line, *lines = head.split("\r\n")
                headers = {
                    name.lower(): value for name, _, value in (one.partition(": ") for one in lines) if name
                }
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                method, target, _ = line.split(" ")
                writer.write(await self._answer(method, target, headers, body))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> bytes:
        if target == "/control/reset":
            self.ads.clear()
            return _response(200, b"{}")
        if target.startswith("/control/ads"):
            return _response(200, json.dumps({"ads": list(self.ads.values())}).encode())
        if method == "POST" and target.endswith("/ads"):
            await asyncio.sleep(self.latency)
            key = headers.get("x-mobile-insertion-request-id", "")
            ad_id = self.ads.setdefault(key, str(400_000_000 + len(self.ads)))
            return _response(201, b"{}", f"{target}/{ad_id}")
        return await self._from_the_sandbox(method, target, headers, body)

    async def _from_the_sandbox(
        self, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> bytes:
        if method != "GET" or target not in self.known:
            kept = ("authorization", "accept", "content-type")
            request = urllib.request.Request(  # noqa: S310  our own sandbox
                f"{self.sandbox}{target}",
                data=body or None,
                method=method,
                headers={name: value for name, value in headers.items() if name in kept},
            )
            self.known[target] = await asyncio.to_thread(_fetched, request)
        return _response(*self.known[target])


def _fetched(request: urllib.request.Request) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def _response(status: int, body: bytes, location: str = "") -> bytes:
    head = [b"HTTP/1.1 %d Lean" % status, b"Content-Type: " + JSON, b"Content-Length: %d" % len(body)]
    if location:
        head.append(b"Location: " + location.encode())
    return b"\r\n".join((*head, b"", body))


async def main(port: int, latency_ms: int, sandbox: str) -> None:
    market = LeanMarket(sandbox, latency_ms / 1000)
    server = await asyncio.start_server(market.serve, "127.0.0.1", port, limit=1 << 22, backlog=1024)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
