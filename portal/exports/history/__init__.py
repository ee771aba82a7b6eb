"""The export history as it is read: filters, pages by key, capped counts. No Flask.

`filters.py` reads and writes the state of the page (its URL), `facets.py` knows which kinds of
transfers there are, `pages.py` finds the ids of a page and counts, `rows.py` loads what a row shows.
"""

from portal.exports.history.facets import Facet, Scope, load_facets
from portal.exports.history.filters import DEFAULTS, HELD, ROWS, Choices, HistoryFilter, parse, spell
from portal.exports.history.pages import (
    COUNT_LIMIT,
    SEARCH_LIMIT,
    Counts,
    Page,
    Query,
    count,
    find_page,
    find_vehicles,
    first_id,
    walk,
)
from portal.exports.history.rows import (
    RESENDABLE,
    ActivationHistory,
    HistoryRow,
    load_row,
    load_rows,
    vehicle_history,
)

__all__ = [
    "COUNT_LIMIT",
    "DEFAULTS",
    "HELD",
    "RESENDABLE",
    "ROWS",
    "SEARCH_LIMIT",
    "ActivationHistory",
    "Choices",
    "Counts",
    "Facet",
    "HistoryFilter",
    "HistoryRow",
    "Page",
    "Query",
    "Scope",
    "count",
    "find_page",
    "find_vehicles",
    "first_id",
    "load_facets",
    "load_row",
    "load_rows",
    "parse",
    "spell",
    "vehicle_history",
    "walk",
]
