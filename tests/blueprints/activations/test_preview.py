"""The preview as a page of its own: the same planning, open to everybody who may look."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from portal.exports import previews
from portal.models import Dealer, Transfer, User
from portal.models.exports import LIVE, ActivationState, ListingState
from portal.platforms import read_environment
from tests.blueprints.conftest import Market
from tests.blueprints.store.test_activate import filled
from tests.builders import Build
from tests.conftest import Work, as_htmx, count_queries, just_before

Login = Callable[[User], FlaskClient]


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


def test_bob_sees_what_would_happen_and_nothing_does(
    build: Build, alices: Dealer, login: Login, market: Market
) -> None:
    activation = build.activation(alices, state=ActivationState.LOCKED)
    build.release(build.vehicle(alices), activation)
    gone = build.vehicle(alices, online=False)
    build.listing(gone, activation)
    page = login(build.bob(alices)).get(f"/apps/{activation.id}/preview")
    assert page.status_code == 200
    text = plain(page.text)
    assert "1 neu (Kosten möglich)" in text
    assert "1 gelöscht" in text
    assert gone.offer_number in text
    assert 'hx-trigger="load' not in page.text
    assert build.session.scalar(select(func.count()).select_from(Transfer)) == 0
    assert market.ads() == []


def test_it_costs_the_same_however_much_there_is(
    build: Build, alices: Dealer, login: Login, market: Market
) -> None:
    activation, alice = build.activation(alices), login(build.alice(alices))
    counts = []
    for _ in range(3):
        build.release(build.vehicle(alices), activation)
        with count_queries() as queries:
            alice.get(f"/apps/{activation.id}/preview")
        counts.append(len(queries))
    assert counts[1] == counts[2]


@pytest.mark.parametrize("state", set(ActivationState) - set(LIVE))
def test_what_is_not_live_has_no_next_transfer(
    build: Build, alices: Dealer, login: Login, state: ActivationState
) -> None:
    activation = build.activation(alices, state=state)
    build.listing(build.vehicle(alices), activation, state=ListingState.ONLINE)
    answer = login(build.alice(alices)).get(f"/apps/{activation.id}/preview")
    assert answer.headers["Location"] == f"/apps/{activation.id}"


def test_charlie_sees_none_of_it(build: Build, alices: Dealer, login: Login) -> None:
    activation = build.activation(alices)
    assert login(build.charlie()).get(f"/apps/{activation.id}/preview").status_code == 404


def find_out(at_work: Work, market: Market) -> int:
    """As workers do; how many previews they were asked for."""
    runtime = at_work(platforms=read_environment({}, market.url))
    with runtime.sessions() as session:
        waiting = session.scalars(previews.due_previews()).all()
    for preview_id in waiting:
        previews.serve(runtime, preview_id)
    return len(waiting)


def test_two_who_ask_at_the_same_moment_wait_for_the_same_answer(
    app: Flask,
    build: Build,
    alices: Dealer,
    login: Login,
    market: Market,
    at_work: Work,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(previews, "PLANNED_AT_ONCE", 1)
    activation = build.activation(alices)
    for _ in range(3):
        build.release(build.vehicle(alices), activation)
    bob, alice = login(build.bob(alices)), login(build.alice(alices))
    path = f"/apps/{activation.id}/preview"
    with ThreadPoolExecutor(1) as elsewhere:

        def alice_asks() -> None:
            elsewhere.submit(alice.get, path).result()

        with just_before(app, "INSERT INTO stock_preview", alice_asks):
            assert 'max="3"' in bob.get(path).text
    assert find_out(at_work, market) == 1


def test_a_large_stock_is_planned_by_workers_and_everybody_sees_how_far_they_are(
    build: Build, alices: Dealer, login: Login, market: Market, at_work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "PLANNED_AT_ONCE", 1)
    activation = build.activation(alices)
    for _ in range(3):
        build.release(build.vehicle(alices), activation)
    bob, alice = login(build.bob(alices)), login(build.alice(alices))
    path = f"/apps/{activation.id}/preview"
    for _ in range(2):
        assert 'max="3"' in bob.get(path).text
    assert 'hx-trigger="every 2s"' in bob.get(path, headers=as_htmx()).text
    assert find_out(at_work, market) == 1, "a second look finds the first one's"
    for browser in (alice, bob):
        page = browser.get(path).text
        assert "3 neue Inserate" in plain(page)
        assert "every 2s" not in page
    assert bob.get(f"{path}?anew=1").location.endswith(path)
    assert 'max="3"' in alice.get(path).text
    assert login(build.charlie()).get(path).status_code == 404
    assert not market.ads()


def test_a_form_over_a_large_stock_asks_until_its_preview_is_there(
    build: Build, alices: Dealer, login: Login, market: Market, at_work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "PLANNED_AT_ONCE", 1)
    alice = login(build.alice(alices))
    for _ in range(2):
        build.vehicle(alices)
    form, path = filled(), "/appstore/mobile-de/preview"
    part = alice.post(path, data=form, headers=as_htmx()).text
    assert "every 2s, change from:#activation-form" in part
    again = alice.post(path, data=form | {"anew": "1"}, headers=as_htmx()).text
    assert 'max="2"' in again
    assert find_out(at_work, market) == 1
    assert "2 neue Inserate" in plain(alice.post(path, data=form, headers=as_htmx()).text)
    assert "2 neue Inserate" in plain(alice.post(path, data=form).text), "without script as well"
    assert 'max="2"' in alice.post(path, data=form | {"anew": "1"}).text
