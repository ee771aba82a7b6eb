"""Settings: a production never starts with what is for trying out."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import load_settings
from portal import launch

GOOD = {
    "PORTAL_ENV": "production",
    "SECRET_KEY": "kQ9-3hdk2xPzL7vT_mWc5RbYfJgN8sUa4eXo",
    "SECRETS_KEYS": "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY=",
    "DATABASE_URL": "postgresql+psycopg://portal@db/portal",
    "REDIS_URL": "redis://queue/0",
    "PORTAL_URL": "https://portal.autohaus.example",
    "MAIL_FROM": "portal@autohaus.example",
}


def test_a_whole_environment_starts_in_production() -> None:
    assert load_settings(GOOD).production


@pytest.mark.parametrize("name", ["prod", "Production", "", "staging"])
def test_surroundings_of_another_name_do_not_start_as_development(name: str) -> None:
    with pytest.raises(ValueError, match="PORTAL_ENV"):
        load_settings(GOOD | {"PORTAL_ENV": name})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SECRET_KEY", "x"),
        ("SECRET_KEY", "x" * 64),
        ("SECRET_KEY", "development-only-not-a-secret"),
        ("SECRETS_KEYS", ""),
        ("SECRETS_KEYS", "k"),
        ("SECRETS_KEYS", f"{GOOD['SECRETS_KEYS']},old"),
        ("DATABASE_URL", ""),
        ("REDIS_URL", ""),
        ("PORTAL_URL", "http://portal.autohaus.example"),
        ("PORTAL_URL", "https://"),
        ("MAIL_FROM", "portal@example.org"),
    ],
)
def test_production_refuses_what_is_missing_weak_or_for_trying_out(variable: str, value: str) -> None:
    with pytest.raises(ValueError, match=variable):
        load_settings(GOOD | {variable: value})


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(ValueError, match=r"SECRET_KEY.*SECRETS_KEYS.*DATABASE_URL.*PORTAL_URL.*MAIL_FROM"):
        load_settings({"PORTAL_ENV": "production"})


def test_production_is_not_started_by_make_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """It would load people with known passwords."""
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PORTAL_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert launch.main() == 1
    assert "known passwords" in capsys.readouterr().err
    assert not (tmp_path / "var").exists()
