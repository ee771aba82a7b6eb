"""Logs of a process: lines to read in development, JSON for machines in production."""

from __future__ import annotations

import logging
from logging.config import dictConfig

from config import Settings

LINE = "%(levelname)s %(name)s: %(message)s"
FIELDS = "%(asctime)s %(levelname)s %(name)s %(process)d %(message)s"


def configure(settings: Settings) -> None:
    """To standard error. Libraries that log every request are quiet: their lines could carry addresses."""
    formatter: dict[str, object] = {"format": LINE}
    if settings.production:
        formatter = {"()": "pythonjsonlogger.json.JsonFormatter", "fmt": FIELDS}
    dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"default": formatter},
            "handlers": {"default": {"class": "logging.StreamHandler", "formatter": "default"}},
            "root": {"level": "INFO", "handlers": ["default"]},
        }
    )
    for name in ("httpx", "httpcore", "paramiko", "rq", "flask-limiter"):
        logging.getLogger(name).setLevel(logging.WARNING)
