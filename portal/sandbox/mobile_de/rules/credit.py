"""Financing and leasing: members, types and obligations of the schemas financing-1.0 and leasing-1.0."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from portal.sandbox.mobile_de.rules.findings import AdFinding

WHOLE, DECIMAL, TEXT = "whole", "decimal", "text"
FINANCING = {
    "annualPercentageRate": DECIMAL,
    "nominalInterestRate": DECIMAL,
    "typeOfNominalInterestRate": ("FIXED", "VARIABLE", "COMBINED"),
    "firstInstallment": WHOLE,
    "monthlyInstallment": WHOLE,
    "finalInstallment": WHOLE,
    "paybackPeriod": WHOLE,
    "netLoanAmount": DECIMAL,
    "grossLoanAmount": DECIMAL,
    "closingCosts": DECIMAL,
    "paymentProtectionInsurance": DECIMAL,
    "bank": TEXT,
    "conditions": TEXT,
}
LEASING = {"grossListPrice": WHOLE, "vatRate": DECIMAL, "lender": TEXT, "comment": TEXT}
RATE = {
    "type": ("PRIVATE", "COMMERCIAL"),
    "downPayment": WHOLE,
    "termOfContract": WHOLE,
    "annualMileage": WHOLE,
    "totalAmount": DECIMAL,
    "grossRate": DECIMAL,
    "netRate": DECIMAL,
    "netLoanAmount": DECIMAL,
    "annualPercentageRate": DECIMAL,
    "nominalInterestRate": DECIMAL,
    "destinationCharges": DECIMAL,
    "registrationFees": DECIMAL,
    "extraMileageCosts": DECIMAL,
    "lowMileageCompensation": DECIMAL,
}
OPTIONAL = {
    "financing": frozenset({"firstInstallment", "finalInstallment", "conditions"}),
    "leasing": frozenset({"grossListPrice", "comment"}),
    "rates": frozenset(list(RATE)[5:]),
}
_AMOUNT = re.compile(r"\d{1,9}(\.\d{1,2})?")


def refused(ad: Mapping[str, Any]) -> Iterator[AdFinding]:
    if isinstance(financing := ad.get("financing"), dict):
        yield from _members(financing, "financing", FINANCING, "financing")
    if isinstance(leasing := ad.get("leasing"), dict):
        yield from _members(leasing, "leasing", LEASING, "leasing", others=("rates",))
        yield from _rates(leasing.get("rates"))


def _rates(rates: Any) -> Iterator[AdFinding]:
    if not isinstance(rates, list) or not rates:
        yield AdFinding("missing-field", "leasing.rates")
        return
    for place, rate in enumerate(rates):
        if isinstance(rate, dict):
            yield from _members(rate, f"leasing.rates[{place}]", RATE, "rates")
        else:
            yield AdFinding("invalid-format", f"leasing.rates[{place}]", str(rate))


def _members(
    given: Mapping[str, Any], head: str, known: Mapping[str, Any], group: str, others: tuple[str, ...] = ()
) -> Iterator[AdFinding]:
    for name, kind in known.items():
        if given.get(name) in (None, ""):
            if name not in OPTIONAL[group]:
                yield AdFinding("missing-field", f"{head}.{name}")
        elif not _is(given[name], kind):
            yield AdFinding("invalid-format", f"{head}.{name}", str(given[name]))
    for name in given.keys() - known.keys() - set(others):
        yield AdFinding("invalid-format", f"{head}.{name}")


def _is(value: Any, kind: Any) -> bool:
    if isinstance(kind, tuple):
        return value in kind
    if kind == TEXT:
        return isinstance(value, str)
    if isinstance(value, bool):
        return False
    if kind == WHOLE:
        return isinstance(value, int) and value >= 0
    return isinstance(value, int | float) or (isinstance(value, str) and bool(_AMOUNT.fullmatch(value)))
