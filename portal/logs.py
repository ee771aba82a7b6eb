"""Logs of a process: lines to read in development, JSON for machines in production.

Every line has a moment with its zone. What an operator follows is an event: a name, and fields that a
machine can count (`note`).
"""

from __future__ import annotations

import logging
from logging.config import dictConfig

from config import Settings
from portal.outages import SayOnce

LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"
FIELDS = "%(levelname)s %(name)s %(process)d %(message)s"
MOMENT = "%Y-%m-%dT%H:%M:%S%z"
QUIET = ("httpx", "httpcore", "urllib3", "paramiko", "asyncssh", "rq", "flask-limiter")
"""Libraries that log every request: their lines could carry addresses."""
events = logging.getLogger("portal.events")


def configure(settings: Settings) -> None:
    """To standard error."""
    dictConfig(log_config(as_json=settings.production))
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def log_config(*, as_json: bool) -> dict[str, object]:
    """In the form of `logging.config`; for gunicorn too, which has its own loggers."""
    formatter: dict[str, object] = {"format": LINE, "datefmt": MOMENT}
    if as_json:
        formatter = {"()": "pythonjsonlogger.json.JsonFormatter", "fmt": FIELDS, "timestamp": True}
    handler = {"class": "logging.StreamHandler", "formatter": "default", "filters": ["outages"]}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"default": formatter},
        "filters": {"outages": {"()": SayOnce}},
        "handlers": {"default": handler},
        "root": {"level": "INFO", "handlers": ["default"]},
    }


def note(event: str, **fields: object) -> None:
    """One line about something that happened; `fields` without a value are left out."""
    known = {
        name: value if isinstance(value, int | float) else str(value)
        for name, value in fields.items()
        if value is not None
    }
    pairs = " ".join(f"{name}={value}" for name, value in known.items())
    events.info("%s %s", event, pairs, extra={"event": event, **known})
