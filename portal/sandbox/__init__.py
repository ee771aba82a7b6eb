"""The marketplace to develop, demonstrate and test the portal against (docs/sandbox.md)."""

from __future__ import annotations

from flask import Flask, Response

from portal.sandbox.api import api
from portal.sandbox.control import control
from portal.sandbox.parts import assemble
from portal.sandbox.refdata_api import refdata
from portal.sandbox.settings import SandboxSettings

__all__ = ["SandboxSettings", "create_sandbox"]

LARGEST_REQUEST = 32 * 1024 * 1024


def create_sandbox(settings: SandboxSettings) -> Flask:
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    app.extensions["sandbox"] = assemble(settings)
    for blueprint in (api, refdata, control):
        app.register_blueprint(blueprint)
    return app
