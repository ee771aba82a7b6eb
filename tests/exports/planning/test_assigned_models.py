"""A model that was assigned once reaches the platform, at once and with every later file."""

from __future__ import annotations

from portal.models import Dealer, Publication, Vehicle
from portal.models.realm import Realm
from portal.platforms.contract import MODEL_OF_GROUP
from portal.vehicles.known_models import assign_models, find_known_models, find_open_models, forget_model
from portal.vehicles.stock_import import import_stock
from tests.exports.conftest import Stage
from tests.formats.stock_file import file, line


def import_file(stage: Stage, *rows: str) -> None:
    """As the upload and the interface do it, released by hand."""
    with stage.runtime.sessions.begin() as session:
        dealer = session.get_one(Dealer, stage.dealer.id)
        import_stock(session, file(*rows), dealer, dealer.locations[0], "bestand.csv", partial=True)
        for vehicle in session.query(Vehicle):
            vehicle.online = True
            if not session.get(Publication, (vehicle.id, stage.activation.id)):
                session.add(
                    Publication(vehicle_id=vehicle.id, activation_id=stage.activation.id, released=True)
                )
    stage.session.expire_all()
    stage.note(*stage.session.query(Vehicle))


def series(number: str) -> str:
    """A 3er whose title names no model."""
    return line(B=number, D="BMW", E="3er", Z="Cabrio Sport")


def listed(stage: Stage, marketplace: object) -> dict[str, str]:
    stage.drain_all()
    ads = marketplace.online()  # type: ignore[attr-defined]
    return {number: ad["model"] for number, ad in ads.items()}


def hinted(stage: Stage) -> list[str]:
    stage.session.expire_all()
    return [hint["code"] for row in stage.session.query(Publication) for hint in row.hints]


def test_a_spelling_that_was_assigned_is_known_to_the_next_file(stage: Stage, marketplace: object) -> None:
    import_file(stage, series("A1"))
    assert listed(stage, marketplace) == {"A1": "3er"}
    realm = Realm(stage.dealer.id)
    stage.session.expire_all()
    (asked,) = find_open_models(stage.session, realm)
    assert asked.label("318") == "318"
    assign_models(stage.session, stage.dealer.id, {asked.spelling: ("318", "318")})
    stage.session.commit()
    assert listed(stage, marketplace) == {"A1": "318"}
    import_file(stage, series("A1"), series("A2"))
    assert listed(stage, marketplace) == {"A1": "318", "A2": "318"}
    stage.session.expire_all()
    assert find_open_models(stage.session, realm) == []
    assert MODEL_OF_GROUP not in hinted(stage)
    (known,) = find_known_models(stage.session, stage.dealer.id)
    forget_model(stage.session, known)
    stage.session.commit()
    assert listed(stage, marketplace) == {"A1": "3er", "A2": "3er"}
    assert hinted(stage).count(MODEL_OF_GROUP) == 2
