"""The file portal by HTTP: upload, reports, and a page for people."""

from __future__ import annotations

import re
import time

from flask import Blueprint, Response, jsonify, render_template, request
from werkzeug.datastructures import FileStorage

from portal.sandbox.effects import CUT
from portal.sandbox.faults import Effect
from portal.sandbox.files.strain import Strain
from portal.sandbox.parts import parts

file_portal = Blueprint("file_portal", __name__, url_prefix="/dateiportal")
LARGEST = 50 * 1024 * 1024
AROUND = 64 * 1024
"""Bytes that a form may have beside its file."""
NAME = re.compile(r"(?!\.)[\w .()+-]{1,200}")
VIA = "HTTP"


@file_portal.get("")
def overview() -> str:
    desk = parts().desk
    sellers = desk.sellers()
    return render_template(
        "sandbox/files.html",
        sellers=[
            (
                seller,
                len(desk.stock.vehicles(seller.customer_number)),
                list(reversed(desk.stock.generations(seller.customer_number)))[:10],
            )
            for seller in sellers
        ],
    )


@file_portal.before_request
def require_login() -> Response | None:
    """For everything below a customer number; also for OPTIONS."""
    number = (request.view_args or {}).get("number")
    if number is None:
        return None
    given = request.authorization
    known = bool(given and given.username == number and parts().desk.admits(number, given.password or ""))
    strain = parts().desk.strain("login", number)
    if not known or strain.refused:
        parts().desk.note("login", VIA, request.path, number, strain, 401)
        return Response("Login incorrect.\n", 401, {"WWW-Authenticate": 'Basic realm="Dateiportal"'})
    return _ended(strain)


@file_portal.post("/<number>/upload")
def upload(number: str) -> Response:
    """A form with the member `file`; the file is imported before the answer goes out."""
    desk, strain = parts().desk, parts().desk.strain("store", number)
    time.sleep(strain.seconds)
    request.max_content_length = LARGEST + AROUND
    given = request.files.get("file")
    if given is None or not NAME.fullmatch(given.filename or ""):
        return Response("The form has no member file with a plain name.\n", 400)
    answer = _ended(strain) or _stored(given, number, strain)
    desk.note("store", VIA, str(given.filename), number, strain, answer.status_code)
    return answer


def _stored(given: FileStorage, number: str, strain: Strain) -> Response:
    if strain.refused:
        return Response("Not allowed.\n", 403)
    if strain.has(Effect.DISK_FULL):
        return Response("Insufficient storage.\n", 507)
    arrival = parts().desk.bring(number, str(given.filename), given.read(), VIA)
    return jsonify(file=given.filename, sha256=arrival.sha256 if arrival else None)


@file_portal.get("/<number>/<name>")
def download(number: str, name: str) -> Response:
    content = parts().desk.folders.files(number).get(name)
    if content is None:
        return Response("There is no such file.\n", 404)
    return Response(content, content_type="text/csv" if name.endswith(".csv") else "application/octet-stream")


def _ended(strain: Strain) -> Response | None:
    if strain.has(Effect.HANG):
        parts().desk.ending.wait()
    if strain.has(Effect.HANG) or strain.has(Effect.RESET):
        request.environ[CUT] = True
        return Response(status=500)
    return None
