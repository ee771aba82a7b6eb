"""What was refused, for whoever runs the portal: one line of the log for each refused request.

Seen at the answer, so no view and no loader can forget to tell. A line carries keys alone: neither the
address that was asked, which may hold a token, nor what was sent.
"""

from __future__ import annotations

from uuid import UUID

from flask import Flask, Response, current_app, g, request
from flask_login import current_user

from portal import logs
from portal.models import ApiKey, User
from portal.web import support_session


def register(app: Flask) -> None:
    @app.after_request
    def tell(answer: Response) -> Response:
        if _is_refusal(answer.status_code):
            note_refusal(answer.status_code)
        return answer


def note_refusal(status: int = 403) -> None:
    """For a refusal that is explained on a page of another status than 403."""
    person, key = _person(), g.get("api_key")
    ongoing = support_session.current() if person else None
    whose: ApiKey | User | None = key or person
    rule = request.url_rule
    logs.note(
        "access refused",
        status=status,
        method=request.method,
        route=rule.rule if rule else None,
        object=",".join(_objects()) or None,
        user=person.id if person else None,
        key=key.id if key else None,
        dealer=ongoing.dealer_id if ongoing else whose.dealer_id if whose else None,
        support_session=ongoing.id if ongoing else None,
        address=request.remote_addr,
    )


def _is_refusal(status: int) -> bool:
    """No right, a dead link, a key or token that is none; also 404 for an object that the address names:
    another dealer's, or gone since. A login that ran out on an open page is none."""
    if status in (403, 410):
        return True
    if status == 401:
        return _access() == "machine"
    return status == 404 and ("token" in (request.view_args or {}) or bool(_objects() and _person()))


def _objects() -> list[str]:
    return [str(value) for value in (request.view_args or {}).values() if isinstance(value, UUID)]


def _person() -> User | None:
    """Whoever is logged in, where the route asks for that."""
    if _access() in ("public", "machine") or not current_user.is_authenticated:
        return None
    found: User = current_user._get_current_object()
    return found


def _access() -> str:
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "access", "public")
