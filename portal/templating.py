"""Filters that write numbers, money and moments as they are written in Germany (or in English)."""

from __future__ import annotations

from flask import Flask


def register_templating(app: Flask) -> None:
    app.jinja_options["autoescape"] = True
