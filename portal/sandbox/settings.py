"""Settings of the sandbox: one frozen dataclass, read once from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SFTP_PORT, FTP_PORT = 8022, 8021


@dataclass(frozen=True)
class SandboxSettings:
    """Port 0 lets the system choose a free one."""

    database: Path
    host: str = "127.0.0.1"
    port: int = 8001
    smtp_port: int = 8025
    sftp_port: int | None = None
    ftp_port: int | None = None
    """None: the file portal is reached by HTTP only."""
    latency_ms: int = 0

    @property
    def files(self) -> Path:
        """Folder of the file portal, beside the database."""
        return self.database.with_name("sandbox-files")


def load_settings(environ: Mapping[str, str] = os.environ) -> SandboxSettings:
    """Raises ValueError for a port or latency that is not a number."""
    data_dir = Path(environ.get("PORTAL_DATA_DIR", "var"))
    return SandboxSettings(
        database=Path(environ.get("SANDBOX_DB") or data_dir / "sandbox.sqlite"),
        host=environ.get("SANDBOX_HOST", SandboxSettings.host),
        port=_number(environ, "SANDBOX_PORT", SandboxSettings.port),
        smtp_port=_number(environ, "SANDBOX_SMTP_PORT", SandboxSettings.smtp_port),
        sftp_port=_number(environ, "SANDBOX_SFTP_PORT", SFTP_PORT),
        ftp_port=_number(environ, "SANDBOX_FTP_PORT", FTP_PORT),
        latency_ms=_number(environ, "SANDBOX_LATENCY_MS", SandboxSettings.latency_ms),
    )


def _number(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, "")
    if not text:
        return default
    if not text.isdecimal():
        raise ValueError(f"{name} must be a whole number, not {text!r}.")
    return int(text)
