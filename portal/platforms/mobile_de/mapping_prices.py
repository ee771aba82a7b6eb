"""Prices, examples of financing and leasing, and paid extras."""

from __future__ import annotations

from decimal import Decimal

from portal.platforms.common.offer import asking_price
from portal.platforms.common.texts import financing_facts, leasing_facts, total_of
from portal.platforms.contract import Booking, Json
from portal.platforms.mobile_de.draft import AdDraft, amount
from portal.platforms.mobile_de.markup import BREAK, bold
from portal.translations.message import say
from portal.vehicle_facts.data import Financing, Leasing, Taxation

VAT_RATES = "sites/GERMANY/vatrates"


def price(draft: AdDraft) -> None:
    """`ON_REQUEST` carries no amounts. A VAT rate marks VAT as reclaimable, so the margin scheme has none."""
    prices = draft.vehicle.prices
    sent: Json = {"currency": "EUR"}
    if prices.on_request:
        sent["type"] = draft.book.value("pricetypes", "ON_REQUEST") or "ON_REQUEST"
        draft.put("price", sent)
        return
    value, _ = asking_price(draft.subject, draft.context.rules.platform_prices)
    if not value:
        return
    sent["type"] = draft.book.value("pricetypes", "FIXED") or "FIXED"
    sent["consumerPriceGross"] = amount(value)
    if prices.dealer:
        sent["dealerPriceGross"] = amount(prices.dealer)
    if prices.taxation is Taxation.VAT_DEDUCTIBLE and (rate := _vat_rate(draft)):
        sent["vatRate"] = rate
    draft.put("price", sent)


def _vat_rate(draft: AdDraft) -> str | None:
    """The offered key for our rate: `19.00`, however the list spells it."""
    rate = draft.vehicle.prices.vat_rate
    place = ("vat", rate)
    key = draft.book.remember(place, lambda: _offered_rate(draft, rate))
    if key is None:
        draft.hint_left_out("price.vatRate", f"{rate.normalize():f} %")
    return key


def _offered_rate(draft: AdDraft, rate: Decimal) -> str | None:
    spelled = amount(rate)
    offered = draft.book.enum(VAT_RATES)
    if spelled in offered:
        return spelled
    return next((key for key, _ in offered.pairs if _number(key) == rate), None)


def _number(text: str) -> Decimal | None:
    digits = text.strip().replace("%", "").replace(",", ".").strip()
    return Decimal(digits) if digits.replace(".", "", 1).isdecimal() else None


# Financing, leasing and paid extras.
#
# The one place of this mapping that rests on assumptions about the wire: the shapes of `financing`,
# `leasing` and `mobileFeatures` in the JSON ad are inferred from mobile.de's XML schemas
# (docs/protocols.md, "Assumptions"). As free text the examples need none of it.


FREE_TEXT = ("text_start", "text_end")
BOOKINGS = (
    Booking("EYE_CATCHER", say("Blickfänger")),
    Booking("TOP_OF_PAGE", say("Top-Inserat")),
    Booking("PAGE_ONE_AD", say("Seite-1-Inserat")),
)
_BOOKABLE = frozenset(booking.code for booking in BOOKINGS)
_HUNDRED = Decimal(100)


def offers(draft: AdDraft) -> None:
    settings = draft.context.settings
    financing, leasing = chosen_financing(draft), draft.vehicle.leasing
    if financing and settings["financing_example"] == "separate":
        draft.put("financing", _financing(financing))
    if leasing and settings["leasing_example"] == "separate":
        _separate_leasing(draft, leasing)
    draft.put_extras(draft.subject.carried | _wished(draft))


def _wished(draft: AdDraft) -> frozenset[str]:
    """Extras that are not transferred are not booked; what runs already is carried in any case."""
    transferred = draft.context.settings["bookings"] == "vehicle"
    return draft.subject.bookings & _BOOKABLE if transferred else frozenset()


def chosen_financing(draft: AdDraft) -> Financing | None:
    return draft.vehicle.financing[1 if str(draft.context.settings["financing_slot"]) == "2" else 0]


def free_texts(draft: AdDraft) -> tuple[str, str]:
    """What stands before and after the dealer's text. With leasing as free text, financing is not one."""
    settings = draft.context.settings
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


def _separate_leasing(draft: AdDraft, example: Leasing) -> None:
    if draft.context.account.limits.get("leasing", 1) == 0:
        text = say("Ihr Konto bei mobile.de ist nicht für Leasing freigeschaltet: Das Beispiel entfällt.")
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
