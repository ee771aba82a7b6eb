"""Which commands `flask --app portal` knows (portal/commands/)."""

from __future__ import annotations

from flask import Flask

from portal.commands.dealers import bind_number, create_dealer, limit_dealer, lms_address, lms_aliases
from portal.commands.doctor import doctor
from portal.commands.maintenance import rotate_secrets, tick
from portal.commands.users import change_user, create_user, delete_person, export_person
from portal.commands.vehicles import demo, import_vehicles

COMMANDS = (
    *(create_dealer, limit_dealer, create_user, change_user, import_vehicles, lms_address, lms_aliases),
    *(export_person, delete_person),
    *(bind_number, rotate_secrets, tick, doctor, demo),
)


def register(app: Flask) -> None:
    for command in COMMANDS:
        app.cli.add_command(command)
