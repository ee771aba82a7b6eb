"""Financing, leasing and paid extras.

The one place of this mapping that rests on assumptions about the wire: the shapes of `financing`,
`leasing` and `mobileFeatures` in the JSON ad are inferred from mobile.de's XML schemas
(docs/protocols.md, "Assumptions"). As free text the examples need none of it.
"""

from __future__ import annotations

from decimal import Decimal

from portal.platforms.common.texts import financing_facts, leasing_facts, total_of
from portal.platforms.contract import Booking, Json
from portal.platforms.mobile_de.draft import Draft, amount
from portal.platforms.mobile_de.markup import BREAK, bold
from portal.vehicles.data import Financing, Leasing

FREE_TEXT = ("text_start", "text_end")
BOOKINGS = (
    Booking("EYE_CATCHER", "Blickfänger"),
    Booking("TOP_OF_PAGE", "Top-Inserat"),
    Booking("PAGE_ONE_AD", "Seite-1-Inserat"),
)
_BOOKABLE = frozenset(booking.code for booking in BOOKINGS)
_HUNDRED = Decimal(100)


def offers(draft: Draft) -> None:
    settings = draft.frame.settings
    financing, leasing = chosen_financing(draft), draft.vehicle.leasing
    if financing and settings["financing_example"] == "separate":
        draft.put("financing", _financing(financing))
    if leasing and settings["leasing_example"] == "separate":
        _separate_leasing(draft, leasing)
    draft.put_extras(draft.subject.carried | _wished(draft))


def _wished(draft: Draft) -> frozenset[str]:
    """Extras that are not transferred are not booked; what runs already is carried in any case."""
    transferred = draft.frame.settings["bookings"] == "vehicle"
    return draft.subject.bookings & _BOOKABLE if transferred else frozenset()


def chosen_financing(draft: Draft) -> Financing | None:
    return draft.vehicle.financing[1 if str(draft.frame.settings["financing_slot"]) == "2" else 0]


def free_texts(draft: Draft) -> tuple[str, str]:
    """What stands before and after the dealer's text. With leasing as free text, financing is not one."""
    settings = draft.frame.settings
    places = {"text_start": "", "text_end": ""}
    leasing_place, financing_place = settings["leasing_example"], settings["financing_example"]
    financing = chosen_financing(draft)
    if leasing_place in FREE_TEXT:
        if draft.vehicle.leasing:
            places[leasing_place] = leasing_text(draft.vehicle.leasing)
    elif financing_place in FREE_TEXT and financing:
        places[financing_place] = financing_text(financing, draft.vehicle.prices.selling)
    return places["text_start"], places["text_end"]


def _financing(example: Financing) -> Json:
    """Names and required members as in the schema financing-1.0. Costs we have no statement of are 0."""
    sent = {
        "annualPercentageRate": amount(example.effective_interest),
        "nominalInterestRate": amount(example.nominal_interest),
        "typeOfNominalInterestRate": "FIXED",
        "firstInstallment": amount(example.down_payment),
        "monthlyInstallment": amount(example.monthly_rate),
        "finalInstallment": amount(example.final_rate),
        "paybackPeriod": example.duration,
        "netLoanAmount": amount(example.net_credit),
        "grossLoanAmount": amount(total_of(example)),
        "closingCosts": "0.00",
        "paymentProtectionInsurance": "0.00",
    }
    return {**sent, "bank": example.bank} if example.bank else sent


def _separate_leasing(draft: Draft, example: Leasing) -> None:
    if draft.frame.account.limits.get("leasing", 1) == 0:
        text = "Ihr Konto bei mobile.de ist nicht für Leasing freigeschaltet: Das Beispiel entfällt."
        draft.hint("leasing-not-allowed", text, "leasing")
        return
    draft.put("leasing", _leasing(example, draft.vehicle.prices.vat_rate))


def _leasing(example: Leasing, vat_rate: Decimal) -> Json:
    """Names as in the schema leasing-1.0. Our amounts are gross; business customers see them net."""
    groups = {"private": ("PRIVATE",), "business": ("COMMERCIAL",)}
    kinds = groups.get(example.target, ("PRIVATE", "COMMERCIAL"))
    sent: Json = {
        "vatRate": amount(vat_rate),
        "rates": [_rate(example, kind, vat_rate) for kind in kinds],
    }
    return {**sent, "lender": example.bank} if example.bank else sent


def _rate(example: Leasing, kind: str, vat_rate: Decimal) -> Json:
    net = kind == "COMMERCIAL"
    part = _HUNDRED / (_HUNDRED + vat_rate) if net else Decimal(1)
    monthly, down = example.monthly_rate * part, example.down_payment * part
    return {
        "type": kind,
        "downPayment": amount(down),
        "termOfContract": example.duration,
        "annualMileage": example.mileage_per_year,
        "totalAmount": amount(monthly * example.duration + down),
        "netRate" if net else "grossRate": amount(monthly),
    }


def financing_text(example: Financing, selling: Decimal | None) -> str:
    return BREAK.join([bold("Finanzierungsbeispiel"), *financing_facts(example, selling)])


def leasing_text(example: Leasing) -> str:
    return BREAK.join([bold("Leasingbeispiel"), *leasing_facts(example)])
