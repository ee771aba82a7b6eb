"""Settings of the portal: one frozen dataclass, read once from the environment."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

DEVELOPMENT_KEY = "development-only-not-a-secret"
SURROUNDINGS = ("development", "production")
PORT_AND_PATH = re.compile(r"(:\d{1,5})?(/[\w.-]+)+")
SHORTEST_KEY, DIFFERENT_CHARACTERS = 32, 10
"""What a random key has at least; "x" forty times is none."""
PlatformVariables = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Settings:
    """What a process needs to know of its surroundings.

    Every field is documented in the README's table; a test compares the two.
    `database_url` and `redis_url` are empty when the embedded services are used.
    """

    database_url: str = ""
    redis_url: str = ""
    data_dir: Path = Path("var")
    secret_key: str = field(default=DEVELOPMENT_KEY, repr=False)
    secrets_keys: tuple[str, ...] = field(default=(), repr=False)
    production: bool = False
    portal_url: str = "http://localhost:8000"
    port: int = 8000
    sandbox_port: int = 8001
    sandbox_sftp_port: int = 8022
    sandbox_ftp_port: int = 8021
    events_host: str = "127.0.0.1"
    events_port: int = 8002
    events_url: str = ""
    """Where browsers reach the event process: `/events`, or `:8002/events` for another port of the same host.
    Empty: pages look by themselves."""
    drop_host: str = "127.0.0.1"
    drop_port: int = 8023
    drop_address: str = ""
    """Where dealers reach the drop folders, `host` or `host:port`. Empty: the portal's host, `drop_port`."""
    drop_quota_mb: int = 500
    smtp_url: str = "smtp://localhost:8025"
    mail_from: str = "portal@example.org"
    operator_name: str = "Export-Portal"
    platforms: PlatformVariables = field(default_factory=lambda: _platforms({}, 8001), repr=False, hash=False)
    """What each platform declares in its folder, by slug and key: `platforms["mobile-de"]["api_url"]`.

    Left out of the hash, because settings are the key of caches and a mapping has none; equality looks at it.
    """
    workers: int = 2
    tick_seconds: int = 15
    history_days: int = 5
    check_hours: int = 6
    give_up_days: int = 5
    max_upload_mb: int = 200
    delivery_allow_private: tuple[str, ...] = ()
    delivery_ca_file: str = ""
    proxies: int = 0
    metrics_token: str = field(default="", repr=False)
    lock_deletions: int = 5
    lock_deletion_percent: int = 10
    lock_creations: int = 10
    lock_creation_percent: int = 20


def _networks(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Outside of production the sandbox on this machine may be named as a server.

    Raises ValueError for what is no network.
    """
    usual = "" if environ.get("PORTAL_ENV") == "production" else "127.0.0.0/8,::1/128"
    listed = environ.get("DELIVERY_ALLOW_PRIVATE", usual)
    try:
        return tuple(str(ip_network(network.strip())) for network in listed.split(",") if network.strip())
    except ValueError as error:
        raise ValueError(f"DELIVERY_ALLOW_PRIVATE: {error}") from error


def _refuse_what_is_for_trying_out(settings: Settings) -> None:
    """Raises ValueError with everything that is wrong, so that nobody has to start five times."""
    key, host = settings.secret_key, urlsplit(settings.portal_url)
    wrong = [
        complaint
        for complaint, is_wrong in (
            (
                f"SECRET_KEY must be random and have {SHORTEST_KEY} characters or more "
                "(python -c 'import secrets; print(secrets.token_urlsafe(48))')",
                len(key) < SHORTEST_KEY or key == DEVELOPMENT_KEY or len(set(key)) < DIFFERENT_CHARACTERS,
            ),
            (
                "SECRETS_KEYS must be Fernet keys "
                "(python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())')",
                not settings.secrets_keys or not all(map(_is_fernet_key, settings.secrets_keys)),
            ),
            ("DATABASE_URL and REDIS_URL must be set", not (settings.database_url and settings.redis_url)),
            (
                "PORTAL_URL must be the https address that users open",
                host.scheme != "https" or not host.hostname,
            ),
            (
                "MAIL_FROM must be an address of your own",
                settings.mail_from == Settings.mail_from or "@" not in settings.mail_from,
            ),
        )
        if is_wrong
    ]
    if wrong:
        raise ValueError("PORTAL_ENV=production: " + "; ".join(wrong) + ".")


def _is_fernet_key(key: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(key)) == 32
    except ValueError:
        return False


def _of_type(kind: type[int] | type[str], environ: Mapping[str, str]) -> dict[str, Any]:
    """The settings of this type whose variable is their name in capitals; unset ones keep their default."""
    usual = {field.name: field.default for field in fields(Settings) if type(field.default) is kind}
    return {name: kind(environ.get(name.upper(), default)) for name, default in usual.items()}


def _platforms(environ: Mapping[str, str], sandbox_port: int) -> PlatformVariables:
    # The registry lies in the package `portal`, whose factory imports this module: not at its top.
    from portal.platforms import read_environment

    return read_environment(environ, f"http://localhost:{sandbox_port}")


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; unset variables keep their embedded defaults.

    Raises ValueError, which names the variable and what to do: for what cannot be read, and in production for
    whatever is missing, weak or made for trying out.
    """
    surroundings = environ.get("PORTAL_ENV", "development")
    if surroundings not in SURROUNDINGS:
        # Taken for development, a mistyped "prod" would start with a public key and known passwords.
        raise ValueError(f"PORTAL_ENV is {surroundings!r}; it must be one of {', '.join(SURROUNDINGS)}.")
    plain = _of_type(str, environ) | _of_type(int, environ)
    if plain["events_url"] and not PORT_AND_PATH.fullmatch(plain["events_url"]):
        raise ValueError(f"EVENTS_URL is {plain['events_url']!r}; it must be like /events or :8002/events.")
    plain |= {
        "portal_url": environ.get("PORTAL_URL", f"http://localhost:{plain['port']}").rstrip("/"),
        "smtp_url": environ.get("SMTP_URL", f"smtp://localhost:{environ.get('SANDBOX_SMTP_PORT', '8025')}"),
    }
    settings = Settings(
        **plain,
        data_dir=Path(environ.get("PORTAL_DATA_DIR", "var")).absolute(),
        secrets_keys=tuple(k for k in environ.get("SECRETS_KEYS", "").split(",") if k),
        production=surroundings == "production",
        platforms=_platforms(environ, plain["sandbox_port"]),
        delivery_allow_private=_networks(environ),
    )
    if settings.production:
        _refuse_what_is_for_trying_out(settings)
    if settings.history_days < 2:
        raise ValueError("HISTORY_DAYS must be 2 or more: the lock counts the last 24 hours.")
    return settings
