"""Prices, publication, texts, financing, leasing and paid extras."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from portal.formats.charset import LOST
from portal.formats.contact_details import mentioned
from portal.messages import say
from portal.platforms.autoscout24.draft import AutoScout24Draft
from portal.platforms.autoscout24.mapping_technique import net_of
from portal.platforms.autoscout24.markup import MARKUP, cut, size
from portal.platforms.common.offer import asking_price
from portal.platforms.common.texts import chosen_financing, example_texts, total_of
from portal.platforms.contract import Booking, Json
from portal.vehicle_facts.data import Financing, Taxation

LONGEST_DESCRIPTION = 10_000
"""Bytes."""
MOST_HIGHLIGHTS, LONGEST_HIGHLIGHT, MOST_PICTURES, LONGEST_LEASE = 3, 30, 50, 90
PLUS, PREMIUM, BOOST = "T20", "T30", "BOOST"
BOOKINGS = (
    Booking(PLUS, say("Plus-Inserat")),
    Booking(PREMIUM, say("Premium-Inserat")),
    Booking(BOOST, say("Boost")),
)
BOOKABLE = frozenset(booking.code for booking in BOOKINGS)
LONGEST_CREDIT, HIGHEST_INTEREST = 999, Decimal("99.99")
FIXED_INTEREST = 1
EUR = "EUR"


def prices(draft: AutoScout24Draft) -> None:
    """Whole euros. VAT is stated where it can be reclaimed; with the margin scheme there is none."""
    stated = draft.vehicle.prices
    value, _ = asking_price(draft.subject, draft.context.rules.platform_prices)
    if stated.on_request or not value:
        return
    draft.put("prices.public.price", value)
    price = draft.get("prices.public.price")
    if price is None:
        return
    draft.put("prices.public.currency", EUR)
    if stated.taxation is not None:
        deductible = stated.taxation is Taxation.VAT_DEDUCTIBLE and stated.vat_rate > 0
        draft.put("prices.public.isTaxDeductible", deductible)
        if deductible:
            draft.put("prices.public.vatRate", stated.vat_rate)
            net = net_of(price, stated.vat_rate)
            draft.put("prices.public.netPrice", net if net < price else None)
    if stated.msrp:
        draft.put("prices.manufacturersSuggestedRetail.price", stated.msrp)
        draft.put("prices.manufacturersSuggestedRetail.currency", EUR)


def dealer_price(draft: AutoScout24Draft) -> None:
    """Only below the public one, as both are rounded: another is refused."""
    dealer, public = draft.vehicle.prices.dealer, draft.get("prices.public.price")
    if not dealer or public is None:
        return
    if dealer.to_integral_value(ROUND_HALF_UP) >= public:
        text = say("Der Händlerpreis ist nicht niedriger als der Preis. Er wird nicht übertragen.")
        draft.hint("dealer-price-left-out", text, "prices.dealer")
        return
    draft.put("prices.dealer.price", dealer)
    draft.put("prices.dealer.currency", EUR)


def publication(draft: AutoScout24Draft) -> None:
    channels = [{"id": "AS24"}]
    if draft.context.settings["mobile_export"] == "selected":
        channels.append({"id": "mobile_de"})
    draft.put("publication.status", "Active")
    draft.put("publication.channels", channels)


def texts(draft: AutoScout24Draft) -> None:
    vehicle, settings = draft.vehicle, draft.context.settings
    if LOST in vehicle.description:
        text = say("Ein Zeichen der Beschreibung war beim Einlesen nicht lesbar und entfällt.")
        draft.hint("characters-lost", text, "description")
    start, end = example_texts(vehicle, settings, MARKUP.example)
    equipment = MARKUP.equipment(vehicle.equipment, str(settings["equipment_format"]))
    body = MARKUP.paragraph(MARKUP.lines(vehicle.description), equipment)
    draft.put("description", _assembled(draft, start, body, end))


def _assembled(draft: AutoScout24Draft, start: str, body: str, end: str) -> str:
    """Too long: the body is cut, the examples with their legal wording stay whole."""
    whole = MARKUP.paragraph(start, body, end)
    if size(whole) <= LONGEST_DESCRIPTION:
        return whole
    room = (
        LONGEST_DESCRIPTION
        - size(MARKUP.paragraph(start, "", end))
        - 2 * size(MARKUP.line_break * 2)
        - size(" …")
    )
    text = say("Die Beschreibung ist länger, als AutoScout24 annimmt, und wird gekürzt.")
    draft.hint("description-cut", text, "description")
    return cut(MARKUP.paragraph(start, f"{cut(body, room)} …", end), LONGEST_DESCRIPTION)


def highlights(draft: AutoScout24Draft) -> None:
    given = [" ".join(text.split()) for text in draft.vehicle.highlights if text.strip()]
    fitting = [
        text
        for text in given
        if len(text) <= LONGEST_HIGHLIGHT
        and not mentioned(text, "email", "url")
        and not set("<>") & set(text)
    ]
    if len(fitting) < len(given) or len(fitting) > MOST_HIGHLIGHTS:
        text = say(
            "AutoScout24 nimmt {most} Highlights mit höchstens {longest} Zeichen an, "
            "ohne Adressen und spitze Klammern. Die übrigen werden nicht übertragen.",
            most=MOST_HIGHLIGHTS,
            longest=LONGEST_HIGHLIGHT,
        )
        draft.hint("highlights-cut", text, "highlights")
    draft.put("highlights", fitting[:MOST_HIGHLIGHTS])


def financing(draft: AutoScout24Draft) -> None:
    settings = draft.context.settings
    example = chosen_financing(draft.vehicle, settings)
    if example is None or settings["financing_example"] != "separate":
        return
    if not _is_whole(example):
        text = say(
            "Das Finanzierungsbeispiel wird nicht übertragen: AutoScout24 verlangt Bank, Rate, Betrag und "
            "eine Laufzeit bis {longest} Monate.",
            longest=LONGEST_CREDIT,
        )
        draft.hint("financing-left-out", text, "financing")
        return
    draft.put(
        "financingOffer",
        {
            "annualRate": _amount(example.effective_interest),
            "bank": example.bank[:2000],
            "currency": EUR,
            "debitInterestRate": _amount(example.nominal_interest),
            "debitInterestType": FIXED_INTEREST,
            "duration": example.duration,
            "endingRate": _amount(example.final_rate),
            "financingType": "C",
            "grossCreditAmount": _amount(total_of(example)),
            "initialPayment": _amount(example.down_payment),
            "monthlyRate": _amount(example.monthly_rate),
            "netCreditAmount": _amount(example.net_credit),
        },
    )


def _is_whole(example: Financing) -> bool:
    """Whether it has everything that AutoScout24 demands, within its bounds."""
    rates = (example.effective_interest, example.nominal_interest)
    return bool(
        example.bank
        and 1 <= example.duration <= LONGEST_CREDIT
        and example.monthly_rate
        and total_of(example)
        and max(rates) <= HIGHEST_INTEREST
    )


def leasing(draft: AutoScout24Draft) -> None:
    example = draft.vehicle.leasing
    if example is None or draft.context.settings["leasing_example"] != "separate":
        return
    if not example.bank or not 1 <= example.duration <= LONGEST_LEASE or not example.monthly_rate:
        text = say(
            "Das Leasingbeispiel wird nicht übertragen: AutoScout24 verlangt Leasinggeber, Rate und eine "
            "Laufzeit bis {longest} Monate.",
            longest=LONGEST_LEASE,
        )
        draft.hint("leasing-left-out", text, "leasing")
        return
    offer: Json = {
        "contractType": "KilometerLeasing",
        "targetGroup": {"private": "Private", "business": "Business"}.get(example.target, "Both"),
        "downPayment": _amount(example.down_payment),
        "bank": example.bank[:2000],
        "duration": example.duration,
        "includedMileage": example.mileage_per_year,
        "grossMonthlyRate": _amount(example.monthly_rate),
        "leaseTotalAmount": _amount(example.monthly_rate * example.duration + example.down_payment),
    }
    draft.put("leasingOffers", {"offers": [offer]})


def _amount(value: Decimal) -> int | float:
    """Two decimals, more are cut there."""
    rounded = value.quantize(Decimal("0.01"))
    return int(rounded) if rounded == rounded.to_integral_value() else float(rounded)


def marketing(draft: AutoScout24Draft) -> None:
    """A tier only where it is wished, and never two: the higher one would be paid twice.

    The subtitle is sent always: a tier may be applied by AutoScout24 itself.
    """
    subtitle = draft.vehicle.model_description or draft.vehicle.title
    if not mentioned(subtitle, "email", "url"):
        draft.put("marketing.mia.subtitle", subtitle)
    transferred = draft.context.settings["bookings"] == "vehicle"
    wished = (draft.subject.bookings & BOOKABLE if transferred else frozenset()) | draft.subject.carried
    if {PLUS, PREMIUM} <= wished:
        text = say("Plus- und Premium-Inserat schließen sich aus: Gebucht wird das Premium-Inserat.")
        draft.hint("one-tier-only", text, "bookings")
        wished -= {PLUS}
    if wished & {PLUS, PREMIUM} and not draft.context.account.limits.get("tiers", 1):
        text = say("Ihr Vertrag mit AutoScout24 erlaubt keine einzeln gebuchten Plus- und Premium-Inserate.")
        draft.hint("tier-not-allowed", text, "bookings")
        wished -= {PLUS, PREMIUM}
    draft.bookings = wished
    draft.put("marketing.mia.requestedTier", next(iter(wished & {PLUS, PREMIUM}), None))
    if BOOST in wished:
        draft.put("marketing.listingBoost.requested", True)
    elif BOOST in draft.subject.ending:
        draft.put("marketing.listingBoost.requested", False)


def pictures(draft: AutoScout24Draft) -> None:
    """In display order, none twice, at most fifty."""
    seen: dict[str, None] = dict.fromkeys(image.sha256 for image in draft.subject.images)
    if len(seen) < len(draft.subject.images):
        draft.hint("picture-twice", say("Ein Bild steht zweimal da: Es wird einmal übertragen."), "images")
    if len(seen) > MOST_PICTURES:
        text = say(
            "AutoScout24 nimmt {most} Bilder an, die übrigen werden nicht übertragen.",
            most=MOST_PICTURES,
        )
        draft.hint("images-cut", text, "images")
    draft.put("images", [{"sha256": sha256} for sha256 in list(seen)[:MOST_PICTURES]])
