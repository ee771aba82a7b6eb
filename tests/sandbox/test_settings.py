from __future__ import annotations

from pathlib import Path

import pytest

from portal.sandbox.settings import load_settings


def test_without_variables_the_defaults_hold() -> None:
    settings = load_settings({})
    assert (settings.port, settings.smtp_port, settings.latency_ms) == (8001, 8025, 0)
    assert settings.database == Path("var/sandbox.sqlite")
    assert settings.host == "127.0.0.1"


def test_variables_change_them() -> None:
    settings = load_settings(
        {
            "PORTAL_DATA_DIR": "/srv/portal",
            "SANDBOX_PORT": "9001",
            "SANDBOX_SMTP_PORT": "9025",
            "SANDBOX_LATENCY_MS": "50",
        }
    )
    assert (settings.port, settings.smtp_port, settings.latency_ms) == (9001, 9025, 50)
    assert settings.database == Path("/srv/portal/sandbox.sqlite")
    assert load_settings({"SANDBOX_DB": "/srv/box.db"}).database == Path("/srv/box.db")


@pytest.mark.parametrize("value", ["x", "-1", "8.5"])
def test_a_port_that_is_no_number_is_named(value: str) -> None:
    with pytest.raises(ValueError, match="SANDBOX_PORT must be a whole number"):
        load_settings({"SANDBOX_PORT": value})
