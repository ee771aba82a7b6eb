"""The apps that a dealer has activated: health, head of their pages, listings, settings, end."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("activations", __name__)
