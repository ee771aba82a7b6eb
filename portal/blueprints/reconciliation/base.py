from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("reconciliation", __name__)
