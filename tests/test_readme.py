"""The README's table of settings and config.py name the same variables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from config import load_settings
from portal.platforms import APPS

README = Path(__file__).parents[1] / "README.md"
ROW = re.compile(r"^\| `([A-Z0-9_]+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)


class Recording(Mapping[str, str]):
    """An empty environment that notes what it is asked for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def documented() -> dict[str, str]:
    section = README.read_text(encoding="utf-8").split("\n## Configuration\n")[1].split("\n## ")[0]
    return {name: default for name, default, _meaning in ROW.findall(section)}


def test_every_variable_that_is_read_is_documented_and_no_other() -> None:
    environment = Recording()
    load_settings(environment)
    assert documented().keys() == environment.asked


def test_documented_defaults_are_those_of_the_code() -> None:
    settings, table = load_settings(Recording()), documented()
    for name, value in (
        ("PORT", settings.port),
        ("SANDBOX_PORT", settings.sandbox_port),
        ("MAIL_FROM", settings.mail_from),
        ("OPERATOR_NAME", settings.operator_name),
        ("WORKERS", settings.workers),
        ("TICK_SECONDS", settings.tick_seconds),
        ("HISTORY_DAYS", settings.history_days),
        ("GIVE_UP_DAYS", settings.give_up_days),
        ("MAX_UPLOAD_MB", settings.max_upload_mb),
        ("DROP_HOST", settings.drop_host),
        ("DROP_PORT", settings.drop_port),
        ("DROP_QUOTA_MB", settings.drop_quota_mb),
        ("LOCK_DELETIONS", settings.lock_deletions),
        ("LOCK_DELETION_PERCENT", settings.lock_deletion_percent),
        ("LOCK_CREATIONS", settings.lock_creations),
        ("LOCK_CREATION_PERCENT", settings.lock_creation_percent),
    ):
        assert table[name] == f"`{value}`"
    assert settings.smtp_url in table["SMTP_URL"]


def test_documented_defaults_of_the_platforms_are_those_that_their_folders_declare() -> None:
    """A password's default is that of the sandbox, whose address follows its port."""
    table = documented()
    for app in APPS.values():
        for variable in app.environment:
            shown = variable.default.replace("{sandbox}", "http://localhost:$SANDBOX_PORT")
            if not variable.secret and shown:
                assert f"`{shown}`" in table[variable.name], variable.name
