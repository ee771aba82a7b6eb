"""The export history as it is read: filters, pages by key, capped counts. No Flask.

`filters.py` reads and writes the state of the page (its URL), `facets.py` knows which kinds of
transfers there are, `pages.py` finds the ids of a page and counts, `rows.py` loads what a row shows.
"""

from portal.exports.history.facets import Facet, HistoryScope, load_facets
from portal.exports.history.filters import (
    DEFAULT_FILTER,
    HELD,
    ROWS_PER_PAGE,
    HistoryChoices,
    HistoryFilter,
    from_query_args,
    to_query_args,
)
from portal.exports.history.pages import (
    COUNT_LIMIT,
    SEARCH_LIMIT,
    HistoryCounts,
    HistoryPage,
    HistoryQuery,
    count_matches,
    find_page,
    find_page_as_seen,
    find_vehicles,
    first_id,
    walk_ids,
)
from portal.exports.history.rows import (
    RESENDABLE,
    HistoryRow,
    load_row,
    load_rows,
    vehicle_history,
)

__all__ = [
    "COUNT_LIMIT",
    "DEFAULT_FILTER",
    "HELD",
    "RESENDABLE",
    "ROWS_PER_PAGE",
    "SEARCH_LIMIT",
    "Facet",
    "HistoryChoices",
    "HistoryCounts",
    "HistoryFilter",
    "HistoryPage",
    "HistoryQuery",
    "HistoryRow",
    "HistoryScope",
    "count_matches",
    "find_page",
    "find_page_as_seen",
    "find_vehicles",
    "first_id",
    "from_query_args",
    "load_facets",
    "load_row",
    "load_rows",
    "to_query_args",
    "vehicle_history",
    "walk_ids",
]
