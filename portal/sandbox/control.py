"""Control endpoints for tests and demonstrations: JSON, without login, from this machine only."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from portal.sandbox import fault_json
from portal.sandbox.mailbox import as_json as mail_json
from portal.sandbox.parts import parts

control = Blueprint("control", __name__, url_prefix="/control")


def only_from_this_machine() -> None:
    if not ip_address(request.remote_addr or "0.0.0.0").is_loopback:  # noqa: S104
        abort(403)


def only_json() -> tuple[Response, int] | None:
    """A web page cannot send this type to another host unasked."""
    if request.method in ("POST", "PUT") and not request.is_json:
        return bad("The body must be application/json.", 415)
    return None


def bad(reason: str, status: int = 400) -> tuple[Response, int]:
    return jsonify(error=reason), status


control.before_request(only_from_this_machine)
control.before_request(only_json)


@control.get("/faults")
def list_faults() -> Response:
    return jsonify(faults=[fault_json.shown(fault) for fault in parts().faults.active()])


@control.post("/faults")
def add_fault() -> tuple[Response, int]:
    """One fault in addition to the active ones."""
    try:
        facts = fault_json.facts(json_body(), parts().owner_id)
    except ValueError as error:
        return bad(str(error))
    return jsonify(fault_json.shown(parts().faults.add(**facts))), 201


@control.put("/faults")
def set_faults() -> Response | tuple[Response, int]:
    """Exactly these faults: `{"faults": [...]}`; with a bad one among them nothing changes."""
    try:
        wanted = [fault_json.facts(given, parts().owner_id) for given in json_body().get("faults", [])]
    except ValueError as error:
        return bad(str(error))
    parts().faults.clear()
    for facts in wanted:
        parts().faults.add(**facts)
    return list_faults()


@control.delete("/faults")
def clear_faults() -> tuple[str, int]:
    parts().faults.clear()
    return "", 204


@control.delete("/faults/<int:fault_id>")
def remove_fault(fault_id: int) -> tuple[str, int]:
    return ("", 204) if parts().faults.remove(fault_id) else ("", 404)


@control.get("/servers")
def list_servers() -> Response:
    """Ports, host key and certificate authority of the file portal."""
    return jsonify(parts().desk.servers)


@control.get("/requests")
def dump_requests() -> Response:
    """The request log; `?kind=` and `?seller=` filter."""
    number = request.args.get("seller")
    try:
        owner_id = parts().owner_id(number) if number else None
    except ValueError:
        abort(404)
    rows = parts().books.read(request.args.get("kind"), owner_id)
    return jsonify(requests=[camel(row) for row in rows])


@control.delete("/requests")
def forget_requests() -> tuple[str, int]:
    parts().books.forget()
    return "", 204


@control.get("/mails")
def dump_mails() -> Response:
    return jsonify(mails=[mail_json(mail) for mail in parts().mailbox.all()])


@control.delete("/mails")
def forget_mails() -> tuple[str, int]:
    parts().mailbox.forget()
    return "", 204


@control.post("/reset")
def reset() -> tuple[str, int]:
    """Back to the first start: no listings, pictures, log, mails, faults; accounts as seeded."""
    sandbox = parts()
    sandbox.faults.clear()
    for books in (sandbox.books, sandbox.mailbox, sandbox.desk, sandbox.catalogues):
        books.forget()
    for market in sandbox.markets.values():
        market.reset()
    return "", 204


def json_body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def camel(row: dict[str, Any]) -> dict[str, Any]:
    """`seller_id` → `sellerId`, as the members of JSON are written."""
    return {re.sub("_(.)", lambda match: match[1].upper(), name): value for name, value in row.items()}
