"""The web application: settings, extensions, pages and commands put together."""

from __future__ import annotations

import logging

from flask import Flask
from flask_migrate import Migrate
from redis import Redis
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Settings, load_settings
from portal import changes, cli, logs, outbox
from portal.blueprints import register_blueprints
from portal.embedded import with_embedded_services
from portal.extensions import babel, compress, csrf, db, htmx, limiter, login_manager
from portal.mandate import MANDATE
from portal.notifications import bell
from portal.security.vault import vault_of
from portal.web import bodies, errors, headers, one_state, refusals, storable, support_session
from portal.web.configuration import flask_config
from portal.web.i18n import select_locale, select_timezone
from portal.web.rendering import Catalogues, PortalEnvironment, install_texts
from portal.web.templating import register_templating


def create_app(settings: Settings | None = None) -> Flask:
    """Build the web application. Without settings they are read from the environment
    and embedded services are started where it names none."""
    settings = settings or with_embedded_services(load_settings())
    app = Flask(__package__, template_folder="../templates", static_folder="../static")
    app.jinja_environment = PortalEnvironment
    app.config.from_mapping(flask_config(settings))
    app.extensions["settings"] = settings
    app.extensions["vault"] = vault_of(settings)
    app.extensions[MANDATE] = support_session.mandate
    if settings.proxies:
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    if not logging.getLogger().handlers:
        logs.configure(settings)
    one_state.register(app)
    bodies.register(app)
    _init_extensions(app, settings)
    storable.register(app)
    headers.register(app)
    refusals.register(app)
    register_templating(app)
    errors.register(app)
    register_blueprints(app)
    cli.register(app)
    return app


def _init_extensions(app: Flask, settings: Settings) -> None:
    db.init_app(app)
    Migrate(compare_type=True).init_app(app, db, directory="migrations")
    csrf.init_app(app)
    limiter.init_app(app)
    babel.init_app(app, locale_selector=select_locale, timezone_selector=select_timezone)
    babel.domain_instance = Catalogues()
    install_texts(app.jinja_env)
    htmx.init_app(app)
    compress.init_app(app)
    login_manager.init_app(app)
    redis = Redis.from_url(settings.redis_url, socket_timeout=2, socket_connect_timeout=1)
    app.extensions["redis"] = redis
    app.extensions["ring"] = outbox.rq_ring(redis)
    app.extensions["publish"] = changes.publisher(redis)
    app.extensions["ring_for_notices"] = bell.rq_ring(redis)
