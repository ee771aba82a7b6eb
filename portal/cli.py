"""Which commands `flask --app portal` knows (portal/commands/)."""

from __future__ import annotations

from flask import Flask

from portal.commands.dealers import create_dealer
from portal.commands.demo import demo
from portal.commands.imports import import_vehicles
from portal.commands.inquiries import lms_address, lms_aliases
from portal.commands.limits import limit_dealer
from portal.commands.numbers import bind_number
from portal.commands.secrets import rotate_secrets
from portal.commands.tick import tick
from portal.commands.users import change_user, create_user

COMMANDS = (
    *(create_dealer, limit_dealer, create_user, change_user, import_vehicles, lms_address, lms_aliases),
    *(bind_number, rotate_secrets, tick, demo),
)


def register(app: Flask) -> None:
    for command in COMMANDS:
        app.cli.add_command(command)
