"""A feed that is pulled: always the last good file, whole, for those who know its address."""

from __future__ import annotations

import base64
import gzip
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import httpx
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from portal.exports.stock_files import feeds
from portal.exports.stock_files.storage import PART_SIZE
from portal.models import Activation, Listing
from portal.models.exports import RunState
from portal.models.runs import FeedFetch, RunFile
from portal.models.vehicles import ImageBlob, VehicleImage
from portal.security.vault import vault_of
from tests.conftest import count_queries
from tests.exports.stock_files import paper
from tests.exports.stock_files.conftest import FileStage, PaperApp
from tests.words import german

QUERIES = 9


@pytest.fixture
def address(stage: FileStage) -> str:
    """Of a feed with three vehicles."""
    stage.vehicles(3)
    stage.run()
    return renewed(stage)


def renewed(stage: FileStage) -> str:
    with stage.runtime.sessions.begin() as session:
        token = feeds.renew_address(session.get_one(Activation, stage.activation.id))
    return f"/feeds/{token}/stock.csv"


def fetches(stage: FileStage) -> list[FeedFetch]:
    stage.session.expire_all()
    return list(stage.session.scalars(select(FeedFetch).order_by(FeedFetch.id)))


def test_the_last_good_file_whole(stage: FileStage, client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.data == stage.file()
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert answer.mimetype == "text/csv"
    assert answer.last_modified == stage.last().sent_at.replace(microsecond=0)  # type: ignore[union-attr]


@pytest.mark.parametrize("media_type", ["text/csv; charset=utf-8", "application/zip", "text/csv"])
def test_the_kind_of_the_file_is_said_once(
    session: Session, stage: FileStage, client: FlaskClient, address: str, media_type: str
) -> None:
    session.get_one(RunFile, stage.last().id).media_type = media_type
    session.commit()
    assert client.get(address).headers["Content-Type"] == media_type


def test_compressed_for_those_who_take_it(stage: FileStage, client: FlaskClient, address: str) -> None:
    plain, zipped = client.get(address), client.get(address, headers={"Accept-Encoding": "gzip"})
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.data) == plain.data == stage.file()
    assert zipped.headers["Content-Length"] == str(len(zipped.data))
    assert zipped.headers["ETag"] != plain.headers["ETag"]
    assert "Accept-Encoding" in zipped.headers["Vary"]
    refusing = client.get(address, headers={"Accept-Encoding": "gzip;q=0"})
    assert refusing.data == plain.data


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_who_has_it_already_is_told_so(client: FlaskClient, address: str, encoding: str) -> None:
    first = client.get(address, headers={"Accept-Encoding": encoding})
    again = {"Accept-Encoding": encoding, "If-None-Match": first.headers["ETag"]}
    answer = client.get(address, headers=again)
    assert (answer.status_code, answer.data) == (304, b"")
    assert answer.headers["ETag"] == first.headers["ETag"]
    assert client.get(address, headers=again | {"If-None-Match": '"other"'}).status_code == 200
    through_a_proxy = again | {"If-None-Match": f"W/{first.headers['ETag']}"}
    assert client.get(address, headers=through_a_proxy).status_code == 304


def test_the_moment_of_the_last_change_does_too(client: FlaskClient, address: str) -> None:
    since = client.get(address).headers["Last-Modified"]
    assert client.get(address, headers={"If-Modified-Since": since}).status_code == 304
    older = "Wed, 01 Jan 2020 00:00:00 GMT"
    assert client.get(address, headers={"If-Modified-Since": older}).status_code == 200


def test_a_new_file_has_a_new_tag(stage: FileStage, client: FlaskClient, address: str) -> None:
    tag = client.get(address).headers["ETag"]
    stage.vehicle()
    stage.run()
    answer = client.get(address, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert len(paper.numbers_in(answer.data)) == 4


def test_while_a_run_fails_or_is_held_the_last_good_file_stays(
    stage: FileStage, client: FlaskClient, paper_app: PaperApp
) -> None:
    vehicles = stage.vehicles(20)
    stage.run()
    address = renewed(stage)
    good = client.get(address).data

    def fail() -> None:
        assert client.get(address).data == good, "while the next file is being written"
        raise RuntimeError("a fault of ours")

    paper_app(writer=paper.interrupted(fail))
    stage.vehicle()
    with pytest.raises(RuntimeError):
        stage.run()
    assert client.get(address).data == good
    paper_app()
    stage.take_offline(*vehicles[:8])
    assert stage.run().state == RunState.HELD
    assert client.get(address).data == good


def test_before_the_first_file_it_is_not_there_yet(stage: FileStage, client: FlaskClient) -> None:
    answer = client.get(renewed(stage))
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


def test_only_the_newest_address_holds(stage: FileStage, client: FlaskClient, address: str) -> None:
    newer = renewed(stage)
    assert client.get(address).status_code == 404
    assert client.get(newer).status_code == 200
    assert client.get("/feeds/guessed/stock.csv").status_code == 404


def test_a_password_protects_the_address_further(stage: FileStage, client: FlaskClient, address: str) -> None:
    sealed = vault_of(stage.runtime.settings).seal(stage.activation.id, {"feed_password": "geheim"})
    stage.put(settings={"feed_user": "meta"}, secrets=sealed)
    refused = client.get(address)
    assert refused.status_code == 401
    assert "Basic" in refused.headers["WWW-Authenticate"]
    for name, password in (("meta", "falsch"), ("", "geheim"), ("meta", "")):
        assert client.get(address, headers=basic(name, password)).status_code == 401
    assert client.get(address, headers=basic("meta", "geheim")).status_code == 200


def test_a_fetch_confirms_the_file_and_says_who_it_was(
    stage: FileStage, client: FlaskClient, address: str
) -> None:
    assert stage.last().confirmed_at is None
    assert client.get(address, headers={"User-Agent": "facebookexternalhit/1.1"}).data
    run = stage.last()
    assert run.confirmed_at is not None
    assert run.not_before is None
    [fetch] = fetches(stage)
    assert (fetch.status, fetch.run_id, fetch.user_agent) == (200, run.id, "facebookexternalhit/1.1")
    confirmed = stage.session.scalars(select(Listing.confirmed_at)).all()
    assert len(confirmed) == 3
    assert all(confirmed)


def test_asking_for_the_head_is_no_fetch(stage: FileStage, client: FlaskClient, address: str) -> None:
    answer = client.head(address)
    assert (answer.status_code, answer.data) == (200, b"")
    assert int(answer.headers["Content-Length"]) == len(stage.file())
    assert fetches(stage) == []


def test_a_feed_that_nobody_fetches_gets_no_answer(stage: FileStage) -> None:
    stage.vehicle()
    run = stage.run()
    assert run.confirm_until == run.not_before
    with stage.runtime.sessions.begin() as session:
        row = session.get_one(type(run), run.id)
        row.not_before = row.confirm_until = datetime.now(UTC) - timedelta(seconds=1)
    stage.work()
    assert german(stage.last().message) == "Keine Antwort nach 6 Std."


def test_a_feed_that_ended_is_gone(stage: FileStage, client: FlaskClient, address: str) -> None:
    stage.put(state="deactivated")
    assert client.get(address).status_code == 410


def test_one_that_ended_with_the_deletion_of_everything_stays_empty(
    stage: FileStage, client: FlaskClient, address: str
) -> None:
    stage.put(state="closing", next_run_at=datetime.now(UTC))
    stage.work()
    assert stage.now().state == "deactivated"
    answer = client.get(address)
    assert (answer.status_code, paper.numbers_in(answer.data)) == (200, [])


def test_a_fixed_number_of_queries(stage: FileStage, client: FlaskClient, address: str) -> None:
    with count_queries() as few:
        assert client.get(address).data
    stage.vehicles(5)
    stage.run()
    with count_queries() as many:
        assert client.get(address).data
    assert (len(few), len(many)) == (QUERIES, QUERIES)


class TestOverHttp:
    """A real server, a receiver that hangs up, and one whose decoder knows a single gzip member."""

    @pytest.fixture
    def base(self, app: Flask) -> Iterator[str]:
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.port}"
        server.shutdown()
        thread.join()
        server.server_close()

    @pytest.fixture
    def large(self, stage: FileStage, paper_app: PaperApp) -> str:
        """A file of several pieces."""

        def writer(*given: Any) -> paper.PaperWriter:
            return LongWriter(paper.writer(*given).file_name)

        paper_app(writer=writer)
        stage.vehicles(4)
        stage.run()
        return renewed(stage)

    def test_several_pieces_are_one_file(self, stage: FileStage, base: str, large: str) -> None:
        answer = httpx.get(base + large)
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.content == stage.file()
        assert len(answer.content) > 3 * PART_SIZE

    def test_a_receiver_that_hangs_up_confirms_nothing(self, stage: FileStage, base: str, large: str) -> None:
        with httpx.stream("GET", base + large, headers={"Accept-Encoding": "identity"}) as answer:
            next(answer.iter_raw(1000))
        noted = threading.Event()
        for _ in range(100):
            if fetches(stage):
                break
            noted.wait(0.1)
        assert [fetch.status for fetch in fetches(stage)] == [499]
        assert stage.last().confirmed_at is None


class LongWriter(paper.PaperWriter):
    """Each row is larger than a piece, and does not shrink."""

    def entry(self, subject: Any) -> Any:
        entry = super().entry(subject)
        noise = Random(entry.number).randbytes(PART_SIZE).hex()  # noqa: S311
        return replace(entry, values=(*entry.values, noise))


def basic(name: str, password: str) -> dict[str, str]:
    spelled = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {"Authorization": f"Basic {spelled}"}


def test_a_published_picture_is_there_for_everybody(stage: FileStage, client: FlaskClient) -> None:
    vehicle = stage.vehicle()
    shown, hidden = "a" * 64, "b" * 64
    for position, sha256 in enumerate((shown, hidden)):
        stage.build._add(
            ImageBlob(sha256=sha256, jpeg=b"jpeg", thumbnail=b"small", size=4, width=1, height=1)
        )
        stage.build._add(
            VehicleImage(vehicle_id=vehicle.id, sha256=sha256, position=position, published=sha256 == shown)
        )
    answer = client.get(f"/feeds/pictures/{shown}.jpg")
    assert (answer.status_code, answer.data, answer.mimetype) == (200, b"jpeg", "image/jpeg")
    assert "immutable" in answer.headers["Cache-Control"]
    assert client.get(f"/feeds/pictures/{hidden}.jpg").status_code == 404
    assert client.get(f"/feeds/pictures/{'c' * 64}.jpg").status_code == 404
    tag = answer.headers["ETag"]
    assert client.get(f"/feeds/pictures/{shown}.jpg", headers={"If-None-Match": tag}).status_code == 304
