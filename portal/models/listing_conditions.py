"""What makes a listing a case for somebody, as conditions in SQL that several rooms ask by."""

from __future__ import annotations

NOTHING_OPEN = """
    AND NOT EXISTS (
        SELECT FROM transfer t WHERE t.activation_id = listing.activation_id
        AND t.vehicle_id = listing.vehicle_id AND t.state = 'waiting' OFFSET 0)
    AND NOT EXISTS (
        SELECT FROM transfer t WHERE t.activation_id = listing.activation_id
        AND t.vehicle_id = listing.vehicle_id AND t.state = 'sending' OFFSET 0)
"""
TROUBLE_CONDITION = (
    """
    listing.last_result IN ('rejected', 'failed')
    AND (listing.state <> 'absent' OR EXISTS (
        SELECT FROM publication p JOIN vehicle v ON v.id = p.vehicle_id
        WHERE p.vehicle_id = listing.vehicle_id AND p.activation_id = listing.activation_id
        AND p.released AND v.online AND v.withdrawn_at IS NULL OFFSET 0))
"""
    + NOTHING_OPEN
)
"""A condition on `listing`: it ended badly, and the vehicle is there or wanted there. What waits is
being seen to. The first line is the predicate of the index ix_listing_trouble; OFFSET 0 keeps the rest
look-ups for one listing after the other, so whoever needs only some reads only some."""

VANISHED_CONDITION = (
    """
    listing.vanished_at IS NOT NULL AND listing.state = 'online' AND EXISTS (
        SELECT FROM publication p JOIN vehicle v ON v.id = p.vehicle_id
        JOIN activation a ON a.id = p.activation_id AND a.location_id = v.location_id
        WHERE p.vehicle_id = listing.vehicle_id AND p.activation_id = listing.activation_id
        AND p.released AND v.online AND v.withdrawn_at IS NULL OFFSET 0)
"""
    + NOTHING_OPEN
)
"""Another condition on `listing`: it should be there, the platform's list does not show it any more, and
nobody has said yet what is to become of it. It begins with the predicate of the index ix_listing_vanished."""
FAILED_AT_ONE = f"""
    SELECT listing.vehicle_id FROM listing
    WHERE listing.activation_id = <activation:uuid> AND listing.last_result = 'failed' AND {TROUBLE_CONDITION}
    LIMIT <most:bigint>
"""  # noqa: S608
"""Vehicles whose last transfer to an activation could not be delivered."""
MOST_COUNTED = 1_000
"""Beyond that nobody needs the exact number, and a page must not wait for it."""
