"""100 feeds pulled at once, beside a bare WSGI program that hands out the same bytes from files."""

from __future__ import annotations

import gzip
import hashlib
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session, sessionmaker

from bench.report import Row, at_most
from bench.surroundings import free_port, make_dealer
from config import Settings
from portal.embedded import start_postgres
from portal.exports.stock_files import feeds, storage
from portal.launching.programs import WEB_PROCESSES, WEB_THREADS
from portal.models import Activation, Base
from portal.models.exports import AppKind, RunKind, RunState
from portal.models.runs import Run
from tests.exports.leases import hold

FEEDS = 100
VEHICLES = 2_000
"""In each file: some 1.5 MB."""
ROUNDS = 5
BARE = """
import os
from pathlib import Path

def application(environ, start_response):
    content = (Path(os.environ["FEEDS"]) / environ["PATH_INFO"].strip("/")).read_bytes()
    headers = [("Content-Type", "text/csv"), ("Content-Encoding", "gzip")]
    start_response("200 OK", [*headers, ("Content-Length", str(len(content)))])
    return [content]
"""


@dataclass(frozen=True)
class Feed:
    path: str
    sha256: str
    zipped: bytes


def run() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        settings = Settings(
            database_url=start_postgres(folder / "postgres", database="bench"),
            redis_url="redis://127.0.0.1:1/0",
            data_dir=folder,
        )
        made = _make_feeds(settings)
        bare = _bare_files(folder, made)
        with _web("portal:create_app()", settings, folder) as web, _web("bare", settings, folder) as floor:
            return _rows(web, floor, made, bare)


def _rows(web: Web, floor: Web, made: Sequence[Feed], bare: Sequence[Feed]) -> list[Row]:
    """Both take turns, so that what else the machine does meets both alike; the best round of each counts."""
    for server, those in ((web, made), (floor, bare)):
        server.pull(those)
    before = web.memory()
    rounds = [(web.pull(made), floor.pull(bare)) for _ in range(ROUNDS)]
    ours, theirs = (min(times) for times in zip(*rounds, strict=True))
    megabytes = sum(len(feed.zipped) for feed in made) / 1e6
    return [
        at_most(
            f"{FEEDS} feeds pulled at once, {megabytes:.0f} MB packed, all whole",
            f"{ours:.2f} s",
            f"{theirs:.2f} s bare WSGI program, from files",
            ours / theirs,
            4,
        ),
        at_most(
            "memory of the web processes while they are pulled",
            f"{web.memory():.0f} MB",
            f"{before:.0f} MB before",
            web.memory() / before,
            1.3,
        ),
    ]


@dataclass(frozen=True)
class Web:
    url: str
    process: psutil.Process

    def pull(self, those: Sequence[Feed]) -> float:
        """Seconds until everybody has his file; each is checked."""
        with (
            httpx.Client(limits=httpx.Limits(max_connections=FEEDS), timeout=120) as client,
            ThreadPoolExecutor(FEEDS) as pool,
        ):
            begin = time.perf_counter()
            answers = list(pool.map(lambda feed: client.get(self.url + feed.path), those))
            seconds = time.perf_counter() - begin
        for answer, feed in zip(answers, those, strict=True):
            assert hashlib.sha256(answer.content).hexdigest() == feed.sha256
        return seconds

    def memory(self) -> float:
        """Megabytes of the serving processes together."""
        return sum(child.memory_info().rss for child in self.process.children(recursive=True)) / 1e6


@contextmanager
def _web(program: str, settings: Settings, folder: Path) -> Iterator[Web]:
    """As `make run` starts it."""
    port = free_port()
    (folder / "bare.py").write_text(BARE)
    environment = os.environ | {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "FEEDS": str(folder),
        "PYTHONPATH": os.pathsep.join((str(folder), os.getcwd())),
    }
    threads = (f"--workers={WEB_PROCESSES}", f"--threads={WEB_THREADS}", "--worker-class=gthread")
    named = program if ":" in program else f"{program}:application"
    command = (sys.executable, "-m", "gunicorn", named, f"--bind=127.0.0.1:{port}", *threads)
    process = subprocess.Popen(
        (*command, "--log-level=warning", "--backlog=512", "--keep-alive=60", "--no-control-socket"),
        env=environment,
    )
    try:
        _wait_for(port)
        yield Web(f"http://127.0.0.1:{port}", psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    for _ in range(400):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the web server did not start")


def _make_feeds(settings: Settings) -> list[Feed]:
    engine = create_engine(settings.database_url)
    Base.metadata.create_all(engine)
    make_dealer(settings, 1)
    sessions = sessionmaker(engine)
    made = [_make_feed(sessions, number) for number in range(FEEDS)]
    engine.dispose()
    return made


def _make_feed(sessions: sessionmaker[Session], number: int) -> Feed:
    content = _file(number)
    with sessions.begin() as session:
        first = session.scalars(select(Activation).limit(1)).one()
        activation = Activation(
            dealer_id=first.dealer_id,
            location_id=first.location_id,
            app="dealer-website",
            kind=AppKind.FILE,
            customer_number=f"www.autohaus-{number}.de",
            account={},
            state="active",
        )
        session.add(activation)
        session.flush()
        run = Run(activation_id=activation.id, kind=RunKind.FILE, state=RunState.DONE)
        session.add(run)
        session.flush()
        storage.begin_file(session, run.id, "stock.csv", "text/csv")
        token, activation_id, run_id = feeds.renew_address(activation), activation.id, run.id
    with hold(sessions, activation_id) as lease:
        assert lease is not None
        stream = storage.open_stream(sessions, lease, run_id, "text/csv")
        stream.write(content)
        written = stream.finish()
    with sessions.begin() as session:
        storage.complete_file(session, run_id, written)
        session.get_one(Activation, activation_id).published_run_id = run_id
        file = storage.find_file(session, run_id)
        assert file is not None
        zipped = b"".join(storage.gzip_pieces(sessions, file))
    return Feed(f"/feeds/{token}/stock.csv", hashlib.sha256(content).hexdigest(), zipped)


def _file(number: int) -> bytes:
    chance = random.Random(number)
    rows = (
        f'"{number:05}-{row:05}";"VW";"Golf";"{chance.randint(900, 60_000)}";"{chance.randbytes(300).hex()}"'
        for row in range(VEHICLES)
    )
    return "\r\n".join(rows).encode()


def _bare_files(folder: Path, made: Sequence[Feed]) -> list[Feed]:
    bare = []
    for number, feed in enumerate(made):
        assert hashlib.sha256(gzip.decompress(feed.zipped)).hexdigest() == feed.sha256
        (folder / f"{number}.gz").write_bytes(feed.zipped)
        bare.append(Feed(f"/{number}.gz", feed.sha256, feed.zipped))
    return bare
