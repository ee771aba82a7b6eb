"""Handlungsbedarf: why vehicles are not online, and models that a platform does not know."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("problems", __name__)
