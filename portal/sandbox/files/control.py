"""Control of the file portal, for tests and demonstrations."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import httpx
from flask import Blueprint, Response, abort, jsonify, request

from portal.sandbox.control import only_from_this_machine, only_json
from portal.sandbox.files.pulling import pull
from portal.sandbox.parts import parts

file_control = Blueprint("file_control", __name__, url_prefix="/control/files/<number>")
for guard in (only_from_this_machine, only_json):
    file_control.before_request(guard)


@file_control.before_request
def require_seller() -> None:
    if not parts().desk.knows((request.view_args or {}).get("number", "")):
        abort(404)


@file_control.get("")
def books(number: str) -> Response:
    """Files, generations and stock of a folder: `?folder=`, without it the seller's own."""
    folder, desk = request.args.get("folder", ""), parts().desk
    files = desk.folders.files(number, folder)
    return jsonify(
        files={
            name: {"size": len(content), "sha256": sha256(content).hexdigest()}
            for name, content in files.items()
        },
        generations=desk.stock.generations(number, folder),
        vehicles=desk.stock.vehicles(number, folder),
    )


@file_control.post("/folders")
def make_folder(number: str) -> tuple[str, int] | tuple[Response, int]:
    try:
        parts().desk.folders.make(number, _text("folder"))
    except ValueError as error:
        return jsonify(error=str(error)), 400
    return "", 204


@file_control.post("/keys")
def add_key(number: str) -> tuple[str, int]:
    """`publicKey` in OpenSSH's form: with its private half one may log in by SFTP."""
    parts().desk.add_key(number, _text("publicKey"))
    return "", 204


@file_control.post("/pull")
def pull_feed(number: str) -> tuple[Response, int] | Response:
    """Fetch a feed as a platform would: `url`, `name` to import it under, `username` and `password`."""
    body = _body()
    login = (str(body["username"]), str(body.get("password", ""))) if body.get("username") else None
    try:
        return jsonify(pull(parts().desk, number, _text("url"), _text("name"), login))
    except httpx.HTTPError as error:
        return jsonify(error=str(error)), 502


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def _text(name: str) -> str:
    value = _body().get(name)
    if not isinstance(value, str) or not value:
        abort(Response(f"{name} must be a text.\n", 400))
    return value
