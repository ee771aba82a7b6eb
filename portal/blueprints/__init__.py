"""Pages: a folder for each area of the portal, a module for each page; an area of one page is a module."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

PAGES: dict[str, tuple[str, ...]] = {
    "auth": ("login", "passwords"),
    "account": ("personal_data", "profile", "second_factor"),
    "overview": ("page",),
    "store": ("catalogue", "activate"),
    "configurator": ("editor",),
    "activations": (
        "cards",
        "head",
        "listings",
        "costs",
        "full_transfer",
        "trial",
        "settings",
        "stop",
        "ending",
    ),
    "history": ("transfers", "files", "runs"),
    "locks": ("panel", "unlock"),
    "reconciliation": ("page",),
    "vehicles": (
        "stock",
        "edit",
        "publication",
        "figures",
        "pictures",
        "imports",
        "layouts",
        "leaving",
        "timeline",
    ),
    "problems": ("page", "models", "workbench"),
    "notifications": (),
    "search": (),
    "settings": (
        "api_keys",
        "audit_log",
        "export",
        "locations",
        "notifications",
        "personal_data",
        "support_sessions",
        "users",
    ),
    "sources": ("pages", "drop_folders"),
    "webhooks": ("pages",),
    "support": ("audit_log", "dealers", "numbers", "session"),
    "audit": ("log",),
    "help": (),
    "health": (),
    "api": (),
    "feeds": (),
}
"""The areas, and those of their modules that have routes: a blueprint knows nothing of its pages."""


def register_blueprints(app: Flask) -> None:
    for area, pages in PAGES.items():
        package = import_module(f"portal.blueprints.{area}")
        for page in pages:
            import_module(f"portal.blueprints.{area}.{page}")
        app.register_blueprint(package.blueprint)
