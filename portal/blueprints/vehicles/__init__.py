"""Vehicles: the list, the page of a vehicle with its tabs, pictures, imports."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("vehicles", __name__)
