"""The export configurator: put an export together and see the file while doing so."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("configurator", __name__)
