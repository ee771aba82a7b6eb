"""Static files: their content is part of their address, so browsers may keep them for ever."""

from __future__ import annotations

import hashlib
import time
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, current_app, has_request_context, request, url_for
from markupsafe import Markup

IMMUTABLE = "public, max-age=31536000, immutable"
ICON = Markup(
    '<svg class="icon {style}" aria-hidden="true" focusable="false"><use href="{sprite}#{name}"></use></svg>'
)


def asset(name: str) -> str:
    """Address of a static file, with the hash of its content; looked at again after a second, for those who
    are just writing it."""
    return _address(_root(), int(time.monotonic()), name)


def _root() -> str:
    return request.script_root if has_request_context() else ""


@lru_cache(256)
def _address(_root: str, _second: int, name: str) -> str:
    file = Path(current_app.static_folder or "") / name
    return url_for("static", filename=name, v=_digest(file, file.stat().st_mtime_ns))


@lru_cache
def _digest(file: Path, _changed: int) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]


def icon(name: str, style: str = "") -> Markup:
    """A picture of the sprite; a page has dozens of them, and most of them several times."""
    return _icon(_root(), int(time.monotonic()), name, style)


@lru_cache(1024)
def _icon(root: str, second: int, name: str, style: str) -> Markup:
    return ICON.format(sprite=_address(root, second, "icons.svg"), name=name, style=style)


def register(app: Flask) -> None:
    app.jinja_env.globals.update(asset=asset, drawn_icon=icon)

    @app.after_request
    def keep_hashed_files(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code == 200:
            # A file that is streamed would not be compressed with gzip; ours are small enough to be read.
            response.direct_passthrough = False
            response.make_sequence()
        if request.endpoint == "static" and "v" in request.args and response.status_code in (200, 304):
            response.headers["Cache-Control"] = IMMUTABLE
        return response
