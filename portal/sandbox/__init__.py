"""The marketplaces to develop, demonstrate and test the portal against (docs/sandbox.md)."""

from __future__ import annotations

from flask import Flask

from portal.sandbox import web
from portal.sandbox.autoscout24.marketplace import autoscout24
from portal.sandbox.autoscout24_ch.marketplace import autoscout24_ch
from portal.sandbox.catalogues.control import catalogue_control
from portal.sandbox.catalogues.pages import catalogue_pages
from portal.sandbox.control import control
from portal.sandbox.files.control import file_control
from portal.sandbox.files.pages import file_portal
from portal.sandbox.mail_pages import mail_pages
from portal.sandbox.mobile_de.marketplace import mobile_de
from portal.sandbox.parts import assemble
from portal.sandbox.settings import SandboxSettings

__all__ = ["SandboxSettings", "create_sandbox"]

LARGEST_REQUEST = 32 * 1024 * 1024
SHARED = (control, mail_pages, file_control, file_portal, catalogue_control, catalogue_pages)
MARKETPLACES = (mobile_de, autoscout24, autoscout24_ch)
"""The registry: one line for each platform."""


def create_sandbox(settings: SandboxSettings) -> Flask:
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    app.extensions["sandbox"] = assemble(settings, MARKETPLACES)
    for blueprint in (*SHARED, *(one for market in MARKETPLACES for one in market.blueprints)):
        app.register_blueprint(blueprint)
    web.install(app, MARKETPLACES)
    return app
