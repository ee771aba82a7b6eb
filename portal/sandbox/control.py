"""Control endpoints for tests and demonstrations: JSON, without login, from this machine only."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from portal.sandbox import fault_json
from portal.sandbox.mailbox import as_json as mail_json
from portal.sandbox.mobile_de.accounts import Seller
from portal.sandbox.mobile_de.accounts import as_json as seller_json
from portal.sandbox.mobile_de.ads import Ad
from portal.sandbox.mobile_de.rules.members import unknown_members
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
        facts = fault_json.facts(json_body(), _seller_id)
    except ValueError as error:
        return bad(str(error))
    return jsonify(fault_json.shown(parts().faults.add(**facts))), 201


@control.put("/faults")
def set_faults() -> Response | tuple[Response, int]:
    """Exactly these faults: `{"faults": [...]}`; with a bad one among them nothing changes."""
    try:
        wanted = [fault_json.facts(given, _seller_id) for given in json_body().get("faults", [])]
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


@control.get("/sellers")
def list_sellers() -> Response:
    links = parts().accounts.links()
    return jsonify(
        sellers=[
            {**seller_json(seller), "accounts": links.get(seller.seller_id, [])}
            for seller in parts().accounts.all_sellers()
        ]
    )


@control.put("/sellers/<number>")
def change_seller(number: str) -> tuple[Response, int] | tuple[str, int]:
    """`{"linked": false}`, `{"readonly": true}`, or both; `account` names another account than `portal`."""
    seller = _seller(number)
    body = json_body()
    linked, readonly, account = body.get("linked"), body.get("readonly"), body.get("account", "portal")
    if not all(value is None or isinstance(value, bool) for value in (linked, readonly)):
        return bad("linked and readonly are true or false.")
    if not parts().accounts.exists(account):
        return bad(f"There is no account {account!r}.")
    if linked is not None:
        parts().accounts.link(account, seller.seller_id, linked=linked)
    if readonly is not None:
        parts().accounts.set_readonly(seller.seller_id, readonly=readonly)
    return "", 204


@control.put("/accounts/<username>")
def change_account(username: str) -> tuple[Response, int] | tuple[str, int]:
    password = json_body().get("password")
    if not isinstance(password, str) or not password:
        return bad("password must be a text.")
    return ("", 204) if parts().accounts.set_password(username, password) else ("", 404)


@control.get("/ads")
def dump_ads() -> Response:
    """All ads with their books; `?seller=` for one seller, `?online=1` without the deleted ones."""
    number = request.args.get("seller")
    ads = parts().ads.everything(_seller(number).seller_id if number else None)
    online_only = request.args.get("online") == "1"
    return jsonify(ads=[_ad_json(ad) for ad in ads if not (online_only and ad.deleted_at)])


@control.get("/requests")
def dump_requests() -> Response:
    """The request log; `?kind=` and `?seller=` filter."""
    number = request.args.get("seller")
    seller_id = _seller(number).seller_id if number else None
    rows = parts().books.read(request.args.get("kind"), seller_id)
    return jsonify(requests=[camel(row) for row in rows])


@control.delete("/requests")
def forget_requests() -> tuple[str, int]:
    parts().books.forget()
    return "", 204


@control.delete("/images")
def forget_images() -> tuple[str, int]:
    """As if all references had expired."""
    parts().pictures.forget()
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
    """Back to the first start: no ads, pictures, log, mails or faults; accounts and sellers as seeded."""
    sandbox = parts()
    sandbox.faults.clear()
    for books in (sandbox.ads, sandbox.pictures, sandbox.books, sandbox.mailbox, sandbox.desk):
        books.forget()
    sandbox.accounts.seed()
    sandbox.autoscout24.reset()
    return "", 204


def json_body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def _seller(number: str) -> Seller:
    return parts().accounts.find(number) or abort(404)


def _seller_id(number: str) -> str:
    """Of a seller of mobile.de by either number, or of a customer of AutoScout24."""
    if seller := parts().accounts.find(number):
        return seller.seller_id
    if customer := parts().autoscout24.customers.find(number):
        return customer.customer_id
    raise ValueError(f"There is no seller {number!r}.")


def _ad_json(ad: Ad) -> dict[str, Any]:
    return {
        "adId": ad.ad_id,
        "sellerId": ad.seller_id,
        "internalNumber": ad.internal_number,
        "generation": ad.generation,
        "revision": ad.revision,
        "createdAt": ad.created_at,
        "modifiedAt": ad.modified_at,
        "deletedAt": ad.deleted_at,
        "unknownMembers": unknown_members(ad.body, parts().refdata.features),
        "body": ad.body,
    }


def camel(row: dict[str, Any]) -> dict[str, Any]:
    return {_camel_name(name): value for name, value in row.items()}


def _camel_name(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(word.title() for word in tail)
