"""Files and pictures that platforms fetch by themselves: no login, an address that nobody can guess."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, abort, current_app, make_response, request
from sqlalchemy.orm import Session, sessionmaker

from portal.exports.stock_files import feeds, storage
from portal.exports.stock_files.feeds import FeedReader, PublishedFile
from portal.extensions import db
from portal.models import Activation
from portal.models.runs import RunFile
from portal.web.access import machine

blueprint = Blueprint("feeds", __name__)

SOON = "300"
"""Seconds after which a feed without a file is worth another look."""
FOREVER = "public, max-age=31536000, immutable"


@blueprint.get("/feeds/<token>/<file_name>")
@machine
def feed(token: str, file_name: str) -> Response:  # noqa: ARG001  # the name is for the receiver only
    """The last good file, whole."""
    activation = feeds.find_by_token(db.session(), token) or abort(404)
    given = request.authorization
    name, password = (given.username or "", given.password or "") if given else ("", "")
    if not feeds.may_fetch(current_app.extensions["vault"], activation, name, password):
        refused = make_response("", 401)
        refused.headers["WWW-Authenticate"] = 'Basic realm="Feed", charset="UTF-8"'
        return refused
    found = feeds.find_published(db.session(), activation)
    if feeds.has_ended(activation, found):
        abort(410)
    if found is not None:
        return _served(activation, found)
    _note(sessionmaker(db.engine), activation, None, 503)
    return Response(status=503, headers={"Retry-After": SOON})


@blueprint.get("/feeds/pictures/<sha256>.jpg")
@machine
def picture(sha256: str) -> Response:
    if request.if_none_match.contains_weak(sha256):
        response = make_response("", 304)
    else:
        response = make_response(feeds.find_picture(db.session(), sha256) or abort(404))
        response.mimetype = "image/jpeg"
    response.set_etag(sha256)
    response.headers["Cache-Control"] = FOREVER
    return response


def _served(activation: Activation, found: PublishedFile) -> Response:
    sessions = sessionmaker(db.engine)
    zipped = any(name.lower() == "gzip" and quality > 0 for name, quality in request.accept_encodings)
    response = Response(content_type=found.file.media_type)
    response.set_etag(f"{found.file.sha256}-gzip" if zipped else found.file.sha256)
    response.last_modified = found.run.sent_at
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = "no-cache"
    response.headers.set("Content-Disposition", "attachment", filename=found.file.name)
    if _has_it(response):
        response.status_code = 304
        _note(sessions, activation, found.file, 304)
        return response
    whole = storage.gzip_pieces if zipped else storage.plain_pieces
    pieces = whole(sessions, found.file)
    response.response = _handed_over(pieces, sessions, activation, found.file)
    response.content_length = storage.gzip_size(found.file.packed_size) if zipped else found.file.size
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    return response


def _has_it(response: Response) -> bool:
    """The ETag decides where one is sent, the moment only without. Proxies hand it on as a weak one."""
    if request.if_none_match:
        etag, _weak = response.get_etag()
        return etag is not None and request.if_none_match.contains_weak(etag)
    since, changed = request.if_modified_since, response.last_modified
    return since is not None and changed is not None and changed <= since


def _handed_over(
    pieces: Iterator[bytes], sessions: sessionmaker[Session], activation: Activation, file: RunFile
) -> Iterator[bytes]:
    """A file that was cut off on its way is no confirmation."""
    who, status = _visitor(), feeds.CUT_OFF
    activation_id, run_id = activation.id, file.run_id

    def stream() -> Iterator[bytes]:
        nonlocal status
        try:
            yield from pieces
            status = 200
        finally:
            with sessions.begin() as session:
                feeds.note_fetch(session, activation_id, run_id, who, status)

    return stream()


def _note(sessions: sessionmaker[Session], activation: Activation, file: RunFile | None, status: int) -> None:
    """Asking for the headers alone is no fetch."""
    if request.method == "HEAD":
        return
    with sessions.begin() as session:
        feeds.note_fetch(session, activation.id, file.run_id if file else None, _visitor(), status)


def _visitor() -> FeedReader:
    return FeedReader(request.remote_addr or "", request.user_agent.string)
