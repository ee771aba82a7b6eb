"""Pages: one module or folder for each area of the portal."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

BLUEPRINTS = (
    "auth",
    "account",
    "overview",
    "store",
    "configurator",
    "my_apps",
    "history",
    "locks",
    "reconciliation",
    "vehicles",
    "problems",
    "notifications",
    "settings",
    "support",
    "audit",
    "help",
    "health",
    "api",
    "feeds",
    "file_runs",
)


def register_blueprints(app: Flask) -> None:
    for name in BLUEPRINTS:
        app.register_blueprint(import_module(f"portal.blueprints.{name}").blueprint)
