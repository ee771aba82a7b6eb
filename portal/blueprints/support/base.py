from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("support", __name__)
