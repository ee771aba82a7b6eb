"""The image of the Containerfile and the services of deploy/compose.yaml."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask

from config import Settings
from tests.programs import AS_ON_A_SERVER, free_port
from tests.test_deploy import answer, production
from tests.test_readme import documented

pytestmark = AS_ON_A_SERVER
ROOT = Path(__file__).parents[1]
CONTAINERFILE = (ROOT / "Containerfile").read_text()
FOLDER = "/opt/vehicle-export-portal"
PATIENCE = 1800.0


def instructions(stage: str) -> list[list[str]]:
    """Of one stage, as words; lines that go on are one."""
    lines = stage.replace("\\\n", " ").splitlines()
    return [shlex.split(line) for line in lines if re.match(r"[A-Z]+ ", line)]


def stages() -> list[list[list[str]]]:
    return [instructions(f"FROM {stage}") for stage in re.split(r"^FROM ", CONTAINERFILE, flags=re.M)[1:]]


def copied(stage: list[list[str]]) -> list[str]:
    """What a stage takes from the repository."""
    copies = [words[1:] for words in stage if words[0] == "COPY" and not words[1].startswith("--from")]
    return [source for words in copies for source in words[:-1]]


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """The files of the last stage where they would lie in the image, without the packages."""
    tree = tmp_path / "image"
    for name in copied(stages()[-1]):
        source, target = ROOT / name, tree / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    return tree


def test_nothing_is_wrong_with_the_containerfile() -> None:
    linter = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([linter, ROOT / "Containerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_what_is_copied_is_there_and_let_through_and_nothing_else_is() -> None:
    let_through = set(re.findall(r"^!(.+)$", (ROOT / ".containerignore").read_text(), re.M))
    wanted = {source.removesuffix("/__init__.py") for stage in stages() for source in copied(stage)}
    assert let_through == wanted
    assert all((ROOT / name).exists() for name in wanted)
    assert (ROOT / ".dockerignore").read_text() == (ROOT / ".containerignore").read_text()


def test_the_portal_serves_from_what_the_image_holds(
    app: Flask, settings: Settings, image: Path, tmp_path: Path
) -> None:
    port = free_port()
    [start] = [words[1:] for words in stages()[-1] if words[0] == "CMD"]
    program, *arguments = [word.strip("[],") for word in start]
    assert program == "gunicorn"
    with (tmp_path / "web.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *arguments],
            cwd=image,
            env=production(settings, port),
            stdout=log,
            stderr=log,
        )
        try:
            assert answer(f"http://127.0.0.1:{port}/readyz", process).text.startswith("ok")
            page = answer(f"http://127.0.0.1:{port}/login", process)
            style = re.search(r'href="(/static/[^"]+\.css[^"]*)"', page.text)
            assert style
            assert answer(f"http://127.0.0.1:{port}{style[1]}", process).status_code == 200
        finally:
            process.terminate()
            process.wait(60)


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())["services"]
    assert isinstance(found, dict)
    return found


def test_the_services_run_what_the_units_run(services: dict[str, Any]) -> None:
    unit = (ROOT / "deploy" / "portal-worker.service").read_text()
    assert services["worker"]["command"] == ["python", "worker.py"]
    assert "/python worker.py" in unit
    assert "command" not in services["web"]  # the image's own
    assert services["schema"]["command"] == ["flask", "db", "upgrade"]


def test_web_and_worker_wait_for_the_schema_and_may_do_nothing_more_than_they_need(
    services: dict[str, Any],
) -> None:
    for name in ("web", "worker", "drops"):
        service = services[name]
        assert service["depends_on"]["schema"]["condition"] == "service_completed_successfully"
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    assert services["web"]["ports"] == ["127.0.0.1:8000:8000"]
    assert not any("ports" in services[name] for name in ("postgres", "valkey", "worker"))
    assert [words[1] for words in stages()[-1] if words[0] == "USER"] != ["root"]


def test_images_have_versions_and_variables_are_explained(services: dict[str, Any]) -> None:
    foreign = [services[name]["image"] for name in ("postgres", "valkey")]
    assert all(re.search(r":\d", image) for image in foreign), foreign
    named = {name for service in services.values() for name in service.get("environment", {})}
    own = {"POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD", "REDISCLI_AUTH"}
    gunicorn = set(re.findall(r'environ\.get\("(\w+)"', (ROOT / "deploy" / "gunicorn.conf.py").read_text()))
    assert named - own <= documented().keys() | gunicorn


def test_the_image_is_built_and_answers() -> None:
    """Where there is a builder that reaches its registry."""
    for builder in ("podman", "docker"):
        if shutil.which(builder) and subprocess.run([builder, "info"], capture_output=True).returncode == 0:
            break
    else:
        pytest.skip("no builder: neither podman nor docker works here")
    base = "docker.io/library/python:3.13-slim-trixie"
    if subprocess.run([builder, "pull", base], capture_output=True).returncode != 0:
        pytest.skip("the registry of base images cannot be reached")
    build = [builder, "build", "--file", "Containerfile", "--tag", "vehicle-export-portal:tried", "."]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    version = [builder, "run", "--rm", "vehicle-export-portal:tried", "python", "-c", "import portal, worker"]
    ran = subprocess.run(version, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert ran.returncode == 0, ran.stderr
