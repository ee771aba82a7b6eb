"""How much of a platform's list must be there before what it lacks is made anew."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from portal.exports.core.remote_list import may_be_whole, proves_itself
from portal.platforms.contract import RemoteList, RemoteListing


def shows(*listing_ids: str) -> RemoteList:
    return RemoteList(tuple(RemoteListing(listing_id, "", "", "", "") for listing_id in listing_ids))


@given(known=st.integers(0, 300), sought=st.integers(0, 100), arrived=st.integers(0, 100), up=st.booleans())
def test_half_a_list_never_says_that_something_new_is_not_there(
    known: int, sought: int, arrived: int, up: bool
) -> None:
    """It begins with what is old, and what has arrived of all that is sought stands at its end."""
    there = [str(number) for number in range(known + min(arrived, sought))]
    half = there[: (len(there) + up) // 2]
    unseen = sought - len(half[known:])
    if unseen and len(half) < len(there):
        assert not proves_itself(shows(*half), there[:known], unseen)


@given(known=st.integers(0, 300), sought=st.integers(0, 300))
def test_a_whole_list_may_be_whole_however_much_is_sought(known: int, sought: int) -> None:
    there = [str(number) for number in range(known)]
    assert may_be_whole(shows(*there), there, sought)


@given(known=st.integers(2, 300))
def test_a_list_that_shows_all_proves_itself_where_less_is_sought(known: int) -> None:
    there = [str(number) for number in range(known)]
    assert proves_itself(shows(*there), there, known - 2)
    assert not proves_itself(shows(*there), there, known - 1)


def test_what_a_dealer_has_deleted_there_bars_nothing() -> None:
    there = [str(number) for number in range(40)]
    assert proves_itself(shows(*there[:32]), there, 1)
