"""Support: find a dealer, open a support session with a reason; every request leaves a trace."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("support", __name__)
