from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("locks", __name__)
