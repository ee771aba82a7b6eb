"""Members of an ad that the sandbox has never heard of: mostly slips of the pen in a mapping.

The platform is not known to refuse them, so they are only shown in the books.
"""

from __future__ import annotations

from typing import Any

from portal.sandbox.mobile_de.rules.energy import E_CAR_FIELDS
from portal.sandbox.mobile_de.rules.references import SEVERAL, SINGLE
from portal.sandbox.mobile_de.rules.required import ALWAYS
from portal.sandbox.mobile_de.rules.shape import BOOLEANS, INTEGERS, MONTHS, OBJECTS, STRINGS

OTHERS = ("images", "highlights", "mobileFeatures", "deliveryOption", "multiLocation", "obs")
KNOWN = frozenset(
    (*SINGLE, *SEVERAL, *E_CAR_FIELDS, *ALWAYS, *BOOLEANS, *INTEGERS, *MONTHS, *OBJECTS, *STRINGS, *OTHERS)
)


def unknown_members(ad: dict[str, Any], features: frozenset[str]) -> list[str]:
    return sorted(ad.keys() - KNOWN - features)
