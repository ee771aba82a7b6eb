"""Examples of financing and leasing, and paid extras.

The one place of this mapping that rests on assumptions about the wire: the shapes of `financing`,
`leasing` and `mobileFeatures` in the JSON ad are inferred from mobile.de's XML schemas
(docs/protocols.md, "Assumptions"). As free text the examples need none of it.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from portal.messages import say
from portal.platforms.common.texts import chosen_financing, total_of
from portal.platforms.contract import Booking, Json
from portal.platforms.mobile_de.draft import AdDraft, amount
from portal.vehicle_facts.data import Financing, Leasing

BOOKINGS = (
    Booking("EYE_CATCHER", say("Blickfänger")),
    Booking("TOP_OF_PAGE", say("Top-Inserat")),
    Booking("PAGE_ONE_AD", say("Seite-1-Inserat")),
)
_BOOKABLE = frozenset(booking.code for booking in BOOKINGS)
_HUNDRED = Decimal(100)


def financing(draft: AdDraft) -> None:
    """Bank, duration and rate are obligatory: without one of them there is no example."""
    settings = draft.context.settings
    example = chosen_financing(draft.vehicle, settings)
    if example is None or settings["financing_example"] != "separate":
        return
    if not (example.bank and example.duration and example.monthly_rate):
        text = say(
            "Das Finanzierungsbeispiel wird nicht übertragen: mobile.de verlangt Bank, Rate und Laufzeit."
        )
        draft.hint("financing-left-out", text, "financing")
        return
    amounts = (example.down_payment, example.monthly_rate, example.final_rate)
    if any(value != value.to_integral_value() for value in amounts):
        text = say(
            "mobile.de führt Anzahlung, Rate und Schlussrate in ganzen Euro: Die Beträge werden gerundet."
        )
        draft.hint("amounts-rounded", text, "financing")
    draft.put("financing", _financing(example))


def _financing(example: Financing) -> Json:
    """Names, types and obligations as in the schema financing-1.0. Costs we have no statement of are 0."""
    return {
        "annualPercentageRate": amount(example.effective_interest),
        "nominalInterestRate": amount(example.nominal_interest),
        "typeOfNominalInterestRate": "FIXED",
        "firstInstallment": _whole(example.down_payment),
        "monthlyInstallment": _whole(example.monthly_rate),
        "finalInstallment": _whole(example.final_rate),
        "paybackPeriod": example.duration,
        "netLoanAmount": amount(example.net_credit),
        "grossLoanAmount": amount(total_of(example)),
        "closingCosts": "0.00",
        "paymentProtectionInsurance": "0.00",
        "bank": example.bank,
    }


def leasing(draft: AdDraft) -> None:
    example = draft.vehicle.leasing
    if example is None or draft.context.settings["leasing_example"] != "separate":
        return
    if draft.context.account.limits.get("leasing", 1) == 0:
        text = say("Ihr Konto bei mobile.de ist nicht für Leasing freigeschaltet: Das Beispiel entfällt.")
        draft.hint("leasing-not-allowed", text, "leasing")
        return
    if not (example.bank and example.duration and example.monthly_rate):
        text = say(
            "Das Leasingbeispiel wird nicht übertragen: mobile.de verlangt Leasinggeber, Rate und Laufzeit."
        )
        draft.hint("leasing-left-out", text, "leasing")
        return
    draft.put("leasing", _leasing(draft, example))
    # No price beside a leasing offer means that the vehicle is to be leased only.
    if draft.vehicle.prices.on_request and (kind := draft.book.value("pricetypes", "LEASING_ONLY")):
        draft.fields["price"]["type"] = kind


def _leasing(draft: AdDraft, example: Leasing) -> Json:
    """Names as in the schema leasing-1.0. Our amounts are gross; business customers see them net."""
    prices = draft.vehicle.prices
    groups = {"private": ("PRIVATE",), "business": ("COMMERCIAL",)}
    kinds = groups.get(example.target, ("PRIVATE", "COMMERCIAL"))
    sent: Json = {
        "lender": example.bank,
        "vatRate": amount(prices.vat_rate),
        "rates": [_rate(example, kind, prices.vat_rate) for kind in kinds],
    }
    return {**sent, "grossListPrice": _whole(prices.msrp)} if prices.msrp else sent


def _rate(example: Leasing, kind: str, vat_rate: Decimal) -> Json:
    net = kind == "COMMERCIAL"
    part = _HUNDRED / (_HUNDRED + vat_rate) if net else Decimal(1)
    monthly, down = example.monthly_rate * part, example.down_payment * part
    return {
        "type": kind,
        "downPayment": _whole(down),
        "termOfContract": example.duration,
        "annualMileage": example.mileage_per_year,
        "totalAmount": amount(monthly * example.duration + down),
        "netRate" if net else "grossRate": amount(monthly),
    }


def _whole(value: Decimal) -> int:
    """Of members that are whole euros in the schema."""
    return int(value.to_integral_value(ROUND_HALF_UP))


def bookings(draft: AdDraft) -> None:
    """Extras that are not transferred are not booked; what runs already is carried in any case."""
    transferred = draft.context.settings["bookings"] == "vehicle"
    wished = draft.subject.bookings & _BOOKABLE if transferred else frozenset[str]()
    draft.put_extras(draft.subject.carried | wished)
