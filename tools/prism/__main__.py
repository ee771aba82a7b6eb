"""Prism between the portal and AutoScout24 Schweiz: `make prism`.

A second reader of the platform's own OpenAPI document beside tests/platforms/autoscout24_ch/test_document.py:
the portal's client talks to the sandbox through Prism, which holds each request and each answer against the
document. What it found goes to docs/prism.md; where it complains, this ends with an error. The document is
not ours to publish: it lies beside the clone, or where AUTOSCOUT24_CH_DOCUMENT says.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from portal.calendar import today
from portal.demo.inventory import inventory
from portal.sandbox import SandboxSettings
from portal.sandbox.server import running
from portal.vehicle_facts.data import VehicleData
from tests.builders import golf
from tests.platforms.autoscout24_ch.conftest import SELLER, Market
from tests.platforms.autoscout24_ch.test_sandbox import ALL, TOP
from tests.platforms.stores import a_jpeg
from tests.programs import end_with_this_process, free_port, plain_environment
from tests.waiting import until
from tools.node_package import NodePackage

PRISM = NodePackage("prism", "@stoplight/prism-cli")
BESIDE = Path(os.environ.get("SHARED_DIR", "../shared")) / "contracts/autoscout24-ch.openapi.yaml"
REPORT = Path("docs/prism.md")
VEHICLES = 200
ASKED = re.compile(r"\[HTTP SERVER\] (\w+) (\S+) ")
VIOLATION = re.compile(r"\[VALIDATOR\] \S+ +(\w+) +Violation: (.*)")
KEYS = re.compile(r"(?<=/external-id/)[^/]+|(?<=/makes/key/)[^/]+|(?<=/)\d+(?=/|$)")
REPORT_TOP = """# Prism

Written by `make prism` on {date}: Prism {version} between the portal's client for AutoScout24 Schweiz and the
sandbox, with the platform's OpenAPI document, which names every field but forbids no other. One vehicle of
each kind, {vehicles} of the demo's stock, and the life of a listing (create, pictures, change, take down,
put up, top list, remove).

{total} requests: {requests} of them and {answers} of their answers are not as the document says.

{unnamed} answers are refusals, of which the document names none: nothing is there under our key yet, and a
picture, which Prism passes on as text and so spoils.

| operation | requests |
|---|---:|
{lines}
"""


@dataclass(frozen=True)
class Violation:
    """`where` as Prism names it: `request.body.price`."""

    operation: str
    severity: str
    where: str

    @property
    def of_request(self) -> bool:
        return self.where.startswith("request")

    @property
    def unnamed(self) -> bool:
        """An answer with a status of which the document says nothing: it names successes only."""
        return "Unable to match the returned status code" in self.where


@dataclass(frozen=True)
class Heard:
    """`unnamed`: how many answers the document does not describe."""

    operations: Counter[str]
    violations: tuple[Violation, ...]
    unnamed: int


def main() -> None:
    document = Path(os.environ.get("AUTOSCOUT24_CH_DOCUMENT", BESIDE))
    if not document.exists():
        print(f"Skipped: there is no {document}. AUTOSCOUT24_CH_DOCUMENT says where else it is.")
        return
    PRISM.install()
    end_with_this_process()
    folder = Path(tempfile.mkdtemp())
    settings = SandboxSettings(folder / "sandbox.sqlite", port=0, smtp_port=0)
    with running(settings) as server, between(document, f"{server.url}/autoscout24-ch") as (url, log):
        market, direct = Market(server.url, {"AUTOSCOUT24_CH_API_URL": url}), Market(server.url)
        speak(market)
        arrange(direct, market)
        direct.close()
        market.close()
    heard = read(log.read_text())
    REPORT.write_text(report(heard))
    for violation in heard.violations:
        print(f"{violation.operation}: {violation.where}", file=sys.stderr)
    sys.exit(1 if heard.violations else 0)


@contextmanager
def between(document: Path, upstream: str) -> Iterator[tuple[str, Path]]:
    """Prism's address, and the file that it logs to."""
    port, log = free_port(), PRISM.folder / "prism.log"
    command = (PRISM.program("prism"), "proxy", f"--port={port}", str(document), upstream)
    with (
        log.open("wb") as file,
        subprocess.Popen(
            command, stdout=file, stderr=subprocess.STDOUT, env=plain_environment(NO_COLOR="1")
        ) as prism,
    ):
        try:
            until(lambda: "Prism is listening" in log.read_text(), seconds=60)
            yield f"http://127.0.0.1:{port}", log
        finally:
            prism.terminate()


def speak(market: Market) -> None:
    market.platform.check_customer(SELLER)
    more = {"warranty_months": 24, "warranty_mileage": 60_000, "direct_import": True}
    for place, vehicle in enumerate(stock()):
        prepared = market.prepared(vehicle, key=f"prism-{place}", settings=more)
        if not prepared.problems:
            made = market.client.create(prepared.payload, "creation").outcome
            market.client.update(made.listing_id, prepared.payload)  # type: ignore[union-attr]
    market.client.remote_listings()
    made = market.created(golf(type_certificate="1VD512"), **TOP)
    market.change(made.listing_id, status="deactivated")
    picture = market.images.add("a" * 64, a_jpeg(640, 480))
    market.client.update(made.listing_id, market.prepared(golf(), images=(picture,)).payload)
    market.client.delete(made.listing_id)


def arrange(direct: Market, market: Market) -> None:
    """Pictures that were brought past Prism are put into another order through it."""
    pictures = [direct.images.add(name * 64, a_jpeg(640, 480, name)) for name in ("red", "blue")]
    made = direct.created(golf(), images=tuple(pictures), key="pictures")
    turned = direct.prepared(golf(), images=tuple(reversed(pictures)), key="pictures")
    market.of(SELLER, direct.stores).update(made.listing_id, turned.payload)


def stock() -> list[VehicleData]:
    demo = inventory(VEHICLES, "P", "Autohaus Muster", today(), "prism")
    return [*ALL.values(), *(vehicle.facts for vehicle in demo)]


def read(log: str) -> Heard:
    """Requests come one after the other: a violation belongs to the request before it."""
    operations: Counter[str] = Counter()
    violations: list[Violation] = []
    now = ""
    for line in log.splitlines():
        if asked := ASKED.search(line):
            now = operation(*asked.groups())
            operations[now] += 1
        elif found := VIOLATION.search(line):
            violations.append(Violation(now, *found.groups()))
    told = tuple(violation for violation in violations if not violation.unnamed)
    return Heard(operations, told, len(violations) - len(told))


def operation(method: str, path: str) -> str:
    """With its ids and keys out of the path, without the query."""
    bare = path.partition("?")[0]
    return f"{method.upper()} {KEYS.sub('…', bare)}"


def report(heard: Heard) -> str:
    requests = sum(violation.of_request for violation in heard.violations)
    return REPORT_TOP.format(
        date=datetime.now(UTC).date(),
        version=PRISM.version,
        vehicles=VEHICLES,
        total=heard.operations.total(),
        requests=requests,
        answers=len(heard.violations) - requests,
        unnamed=heard.unnamed,
        lines="\n".join(f"| `{name}` | {count} |" for name, count in sorted(heard.operations.items())),
    )


if __name__ == "__main__":
    main()
