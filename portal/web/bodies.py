"""How much a browser may send: forms are small, files are for those who are logged in."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import Flask, request
from flask_login import current_user

P = ParamSpec("P")
R = TypeVar("R")
LARGEST_FORM = 2 * 1024 * 1024
"""Bytes."""


def takes_files(view: Callable[P, R]) -> Callable[P, R]:
    """A page with an upload, up to MAX_UPLOAD_MB. The outermost mark of a view."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


def register(app: Flask) -> None:
    """Before the extensions: the check of a form's token reads the body already."""

    @app.before_request
    def limit_body() -> None:
        view = app.view_functions.get(request.endpoint or "")
        if getattr(view, "takes_files", False) and current_user.is_authenticated:
            return
        request.max_content_length = min(LARGEST_FORM, app.config["MAX_CONTENT_LENGTH"])
