"""Commands of `flask --app portal`."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    _ = app
