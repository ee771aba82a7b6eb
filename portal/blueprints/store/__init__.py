from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("store", __name__)
