"""The first page: is everything online, and if not, what matters today."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("overview", __name__)
