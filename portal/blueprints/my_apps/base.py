from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("my_apps", __name__)
