"""Vehicles: the list, the page of a vehicle with its tabs, pictures, imports."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("vehicles", __name__)

from portal.blueprints.vehicles import (  # noqa: E402, F401  # the views register themselves
    bulk,
    edit,
    history,
    imports,
    leaving,
    pictures,
    publication,
    stock,
)
