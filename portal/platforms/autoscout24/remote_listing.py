"""A listing as the platform shows it and as we send it: its facts, and what can be compared. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from portal.platforms.autoscout24.fields import BY_PATH
from portal.platforms.contract import Json, RemoteFacts

NOT_COMPARED = (
    "images",
    "marketing",
    "publication",
    "crossReferenceId",
    "financingOffer",
    "leasingOffers",
)
"""Pictures have other names there, paid extras end by themselves, and the rest is read with more members."""
_MONTH = re.compile(r"\d{4}-\d{2}")


def facts_of(listing: Mapping[str, Any]) -> RemoteFacts:
    """Total: what is not understood is left empty. Make and model are ids, on either side."""
    mileage, month = listing.get("mileage"), listing.get("firstRegistrationDate")
    prices = listing.get("prices")
    public = prices.get("public") if isinstance(prices, Mapping) else None
    amount = public.get("price") if isinstance(public, Mapping) else None
    named = listing.get("modelName")
    return RemoteFacts(
        make=_text(listing.get("make")),
        model=named if isinstance(named, str) else _text(listing.get("model")),
        first_registration=month if isinstance(month, str) and _MONTH.fullmatch(month) else "",
        mileage=mileage if isinstance(mileage, int) and not isinstance(mileage, bool) else None,
        price=f"{amount}.00" if isinstance(amount, int) and not isinstance(amount, bool) else "",
    )


def _text(value: Any) -> str:
    return str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""


def comparable(listing: Json) -> Json:
    """Only members of our table: a listing that was read carries units, dates and addresses as well."""
    known = {name: value for name, value in listing.items() if name not in NOT_COMPARED}
    return {name: shown for name, value in known.items() if (shown := _ours(name, value)) not in (None, {})}


def _ours(path: str, value: Any) -> Any:
    if path in BY_PATH:
        return _plain(value)
    if isinstance(value, Mapping):
        inner = {name: _ours(f"{path}.{name}", one) for name, one in value.items()}
        return {name: one for name, one in inner.items() if one not in (None, {})}
    return None


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return f"{Decimal(str(value)).normalize():f}"
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, list):
        return sorted((_plain(one) for one in value), key=str)
    return value
