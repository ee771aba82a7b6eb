"""What AutoScout24 Schweiz is known to refuse, found before anything is sent. Pure: it looks at the draft."""

from __future__ import annotations

from portal.platforms.autoscout24_ch.draft import AutoScout24ChDraft
from portal.platforms.autoscout24_ch.fields import PROPERTIES
from portal.platforms.common.withheld import withheld


def add_known_refusals(draft: AutoScout24ChDraft) -> None:
    draft.problems.extend(withheld(draft.vehicle, draft.context.rules))
    if not draft.category:
        return
    if "price" not in draft.members:
        if not draft.context.rules.platform_prices:
            draft.problem("platform-prices-off", "platform_price")
        elif not draft.subject.platform_price:
            draft.problem("price-in-francs-missing", "platform_price")
    told = {problem.field for problem in draft.problems}
    for one in PROPERTIES:
        if one.due and one.name not in draft.members and one.place not in told:
            draft.problem("missing-field", one.place)
            told.add(one.place)
    month = draft.vehicle.first_registration
    if month and month > draft.context.today.isoformat()[:7]:
        draft.problem("registration-in-future", "first_registration")
