"""The marketplace to develop, demonstrate and test the portal against (docs/sandbox.md)."""

from __future__ import annotations

from flask import Flask

from portal.sandbox import web
from portal.sandbox.autoscout24.api import as24
from portal.sandbox.autoscout24.control import as24_control
from portal.sandbox.autoscout24.pages import as24_pages
from portal.sandbox.control import control
from portal.sandbox.files.control import file_control
from portal.sandbox.files.pages import file_portal
from portal.sandbox.mail_pages import mail_pages
from portal.sandbox.mobile_de.api import api
from portal.sandbox.mobile_de.refdata_api import refdata
from portal.sandbox.mobile_de.shop import shop
from portal.sandbox.parts import assemble
from portal.sandbox.settings import SandboxSettings

__all__ = ["SandboxSettings", "create_sandbox"]

LARGEST_REQUEST = 32 * 1024 * 1024
BLUEPRINTS = (
    api,
    refdata,
    control,
    shop,
    mail_pages,
    file_control,
    file_portal,
    as24,
    as24_control,
    as24_pages,
)


def create_sandbox(settings: SandboxSettings) -> Flask:
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    app.extensions["sandbox"] = assemble(settings)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    web.install(app)
    return app
