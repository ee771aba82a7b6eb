"""Commands of `flask --app portal`, one module each in portal/commands/."""

from __future__ import annotations

from flask import Flask

from portal.commands import dealers, demo, imports, inquiries, limits, numbers, secrets, tick, users


def register(app: Flask) -> None:
    for module in (dealers, demo, imports, inquiries, limits, numbers, secrets, tick, users):
        module.register(app)
