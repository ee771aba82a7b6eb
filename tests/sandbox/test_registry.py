"""A platform of the sandbox is its folder and one line in the registry."""

from __future__ import annotations

from pathlib import Path

from flask.testing import FlaskClient

from portal.sandbox import MARKETPLACES, SandboxSettings, create_sandbox

FOLDER = Path(create_sandbox.__code__.co_filename).parent


def shared_modules() -> list[Path]:
    own = [FOLDER / market.slug.replace("-", "_") for market in MARKETPLACES]
    assert all(folder.is_dir() for folder in own)
    return [file for file in FOLDER.rglob("*.py") if not any(file.is_relative_to(folder) for folder in own)]


def test_what_all_marketplaces_share_knows_none_of_them() -> None:
    """Beside the registry; the file portal belongs to mobile.de's sellers."""
    knowing = {
        str(file.relative_to(FOLDER))
        for file in shared_modules()
        for market in MARKETPLACES
        if f"portal.sandbox.{market.slug.replace('-', '_')}" in file.read_text("utf-8")
    }
    assert knowing == {"__init__.py", "parts.py", "files/desk.py"}


def client(tmp_path: Path) -> FlaskClient:
    return create_sandbox(SandboxSettings(tmp_path / "sandbox.sqlite")).test_client()


def test_each_has_a_first_page_in_the_menu(tmp_path: Path) -> None:
    visitor = client(tmp_path)
    page = visitor.get("/").get_data(as_text=True)
    for market in MARKETPLACES:
        assert f">{market.name}</a>" in page


def test_an_error_is_a_page_for_people_and_none_for_programs(tmp_path: Path) -> None:
    visitor = client(tmp_path)
    assert "Sandbox" in visitor.get("/nowhere").get_data(as_text=True)
    for market in MARKETPLACES:
        for path in market.machine_paths:
            answer = visitor.delete(f"{path}/nowhere/at/all")
            assert answer.status_code >= 400
            assert "Nachgebildeter Marktplatz" not in answer.get_data(as_text=True)
