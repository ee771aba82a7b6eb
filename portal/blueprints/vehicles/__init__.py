from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("vehicles", __name__)
