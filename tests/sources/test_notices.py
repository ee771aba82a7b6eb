"""People are told once that a source is in trouble, and once that it is over."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select, update

from portal.models import Notification, StockSource
from tests.sources.conftest import Yard
from tests.sources.test_pickups import stock

FAILED = "Bestandsquelle „DMS“: Die Datei ließ sich nicht abholen"
OVER = "Bestandsquelle „DMS“ liefert wieder"


def test_a_failure_is_told_once_and_its_end_once(yard: Yard) -> None:
    yard.write(stock("A1"))
    yard.pick_up()
    yard.session.execute(update(StockSource).values(host_key="ssh-ed25519 SHA256:another"))
    yard.session.commit()
    yard.pick_up()
    yard.pick_up()
    assert yard.told() == [FAILED]
    yard.session.execute(update(StockSource).values(host_key=yard.marketplace.target("sftp").host_key))
    yard.session.commit()
    yard.pick_up()
    yard.pick_up()
    assert yard.told() == [FAILED, OVER]


def test_a_file_that_cannot_be_read_is_told_and_over_only_when_one_can(yard: Yard) -> None:
    yard.write(b"%PDF-1.7 no stock at all")
    yard.pick_up()
    yard.pick_up()
    assert yard.told() == ["Bestandsquelle „DMS“: Die Datei ist nicht lesbar"]
    yard.write(stock("A1"))
    yard.pick_up()
    assert yard.told()[-1] == OVER


def test_staying_away_for_longer_than_usual_is_told_once_and_its_end(yard: Yard) -> None:
    yard.write(stock("A1"))
    yard.pick_up()
    usual = {"gaps": [86_400] * 4, "taken_at": func.now() - timedelta(days=2, hours=1)}
    yard.session.execute(update(StockSource).values(usual))
    yard.session.commit()
    yard.pick_up()
    yard.pick_up()
    (told,) = yard.told()
    assert told.startswith("Bestandsquelle „DMS“: Seit ")
    yard.write(stock("A1", K="7990"))
    yard.pick_up()
    assert yard.told() == [told, OVER]


def test_only_those_are_told_who_can_do_something_about_it(yard: Yard) -> None:
    other = yard.build.location(yard.dealer, "B")
    yard.build.user("reader", yard.dealer, rights=("view",))
    yard.build.user("elsewhere", yard.dealer, rights=("view", "edit_vehicles"), location_ids=[other.id])
    here = yard.build.user(
        "here", yard.dealer, rights=("edit_vehicles",), location_ids=[yard.source.location_id]
    )
    yard.build.charlie()
    yard.session.commit()
    yard.write(b"%PDF-1.7 no stock at all")
    yard.pick_up()
    told = yard.session.scalars(select(Notification.user_id)).all()
    assert set(told) == {yard.alice.id, here.id}
