"""What AutoScout24 is known to refuse, found before anything is sent. Pure: it looks at the draft.

Duties follow from the table (fields.py); bans and bounds are obeyed while the draft is made.
"""

from __future__ import annotations

from portal.formats.contact_details import ContactKind, marked, mentioned
from portal.messages import say
from portal.platforms.autoscout24 import errors
from portal.platforms.autoscout24.draft import AutoScout24Draft
from portal.platforms.autoscout24.fields import FIELDS, REGISTERED, Member
from portal.platforms.autoscout24.mapping_identity import months_since
from portal.platforms.autoscout24.mapping_technique import must_be_labelled
from portal.platforms.common.offer import asking_price
from portal.platforms.common.withheld import withheld

NEW_KM = 1000
FIRST_CAR = "1886"
PROHIBITED = "attribute-contains-prohibited-content"
WITHOUT: tuple[tuple[str, str, tuple[ContactKind, ...]], ...] = (
    ("modelVersion", "model_description", ("email",)),
    ("bodyColorName", "colour_name", ("email",)),
    ("offerReferenceId", "offer_number", ("email", "url")),
)
"""Members, our facts for them, and what must not stand there."""


def add_known_refusals(draft: AutoScout24Draft) -> None:
    draft.problems.extend(withheld(draft.vehicle, draft.context.rules))
    if not draft.kind:
        return
    told = {problem.field for problem in draft.problems}
    for member in FIELDS:
        if is_due(member, draft) and draft.get(member.path) is None and member.place not in told:
            draft.problem("mandatory-attribute-missing", member.place)
            told.add(member.place)
    _dates(draft)
    _price(draft)
    _contacts(draft)
    draft.check_envkv(must_be_labelled(draft))


def is_due(member: Member, draft: AutoScout24Draft) -> bool:
    registered = draft.members.get("offerType") in REGISTERED
    return draft.kind in member.must or (registered and draft.kind in member.must_registered)


def _dates(draft: AutoScout24Draft) -> None:
    offer, mileage = draft.members.get("offerType"), draft.members.get("mileage")
    if offer == "N" and mileage is not None and mileage >= NEW_KM:
        draft.problem("invalid-mileage")
    age = months_since(draft.members.get("firstRegistrationDate"), draft)
    if age is not None and age < 0:
        draft.problem("registration-in-future")
    if (draft.members.get("firstRegistrationDate") or "9") < FIRST_CAR:
        draft.problem("first-registration-date-too-old")


def _price(draft: AutoScout24Draft) -> None:
    if draft.vehicle.prices.on_request:
        draft.problem("price-on-request")
        return
    value, place = asking_price(draft.subject, draft.context.rules.platform_prices)
    if value is None:
        draft.problem("mandatory-attribute-missing", "prices.selling")
    elif draft.get("prices.public.price") is None:
        draft.problem("invalid-price-value", place)


def _contacts(draft: AutoScout24Draft) -> None:
    for path, place, kinds in WITHOUT:
        shown = str(draft.members.get(path, ""))
        if found := mentioned(shown, *kinds):
            known = errors.known(PROHIBITED, place)
            text = say("{text} Gefunden: {place}.", text=known.text, place=marked(shown, found))
            draft.block(PROHIBITED, text, place)
