"""Login, logout, and a password by a link from a mail."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("auth", __name__)
