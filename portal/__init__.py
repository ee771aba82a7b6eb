"""The vehicle-export portal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.garbage import look_rarely

if TYPE_CHECKING:
    from flask import Flask

    from config import Settings

look_rarely()


def create_app(settings: Settings | None = None) -> Flask:
    """Build the web application. Without settings they are read from the environment
    and embedded services are started where it names none.

    Loaded when it is called: workers, the launcher and the sandbox need parts of this package, and each
    would otherwise carry all pages and commands.
    """
    from portal import application

    return application.create_app(settings)
