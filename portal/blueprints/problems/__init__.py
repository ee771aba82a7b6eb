from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("problems", __name__)
