"""Texts for property tests: whatever a vehicle's facts can hold (vehicle_facts/bounds)."""

from __future__ import annotations

from hypothesis import strategies as st

ALLOWED_CONTROLS = "\t\n\r"
ANY = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], include_characters=ALLOWED_CONTROLS)


def written(max_size: int, min_size: int = 0) -> st.SearchStrategy[str]:
    return st.text(alphabet=ANY, min_size=min_size, max_size=max_size)
