"""Konto: what users set for themselves, where they are logged in, their second factor."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("account", __name__)
