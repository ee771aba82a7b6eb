"""A stock of any size on tables that were never analysed, and the pages that each statement touches there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg import ClientCursor
from sqlalchemy import Engine, event, func, select, text

from portal.exports.core.lease import Lease
from portal.exports.core.runtime import Runtime
from portal.models import Activation, CostEvent, Dealer, Listing, Publication, Transfer, Vehicle, plans
from portal.models.base import Base
from tests.builders import Build, golf
from tests.exports.leases import take

LISTS = re.compile(r"(%\(\w+\)s(::\w+)?(, )?)+")
"""A list of parameters; the last chunk of many has another length."""
TAKES_STATISTICS_AWAY = 180_000
READS = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")


@dataclass
class Effort:
    """Pages that are touched and rows that are looked at, by statement; the plan of its dearest execution,
    and in how many of that plan's nodes something is looked up for each row of another."""

    pages: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    times: Counter[str] = field(default_factory=Counter)
    dearest: dict[str, tuple[int, str]] = field(default_factory=dict)
    lookups: Counter[str] = field(default_factory=Counter)

    def note(self, statement: str, plan: dict[str, Any]) -> None:
        name, effort = LISTS.sub("?", statement), _pages(plan) + _rows(plan)
        self.pages[name] += _pages(plan)
        self.rows[name] += _rows(plan)
        self.times[name] += 1
        if effort >= self.dearest.get(name, (0, ""))[0]:
            self.dearest[name] = effort, "\n".join(_lines(plan))
            self.lookups[name] = _lookups(plan)


def _pages(plan: dict[str, Any]) -> int:
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


PASSED_ON = ("Hash", "Bitmap Index Scan")
"""Nodes whose rows the one above them looks at and counts."""


def _rows(plan: dict[str, Any]) -> int:
    """Those that were thrown away are looked at, too: a loop over what is in memory touches no page."""
    below = sum(_rows(part) for part in plan.get("Plans", ()))
    if plan["Node Type"] in PASSED_ON:
        return below
    seen = sum(plan.get(f"Rows Removed by {why}", 0) for why in ("Filter", "Join Filter", "Index Recheck"))
    return round((plan["Actual Rows"] + seen) * plan["Actual Loops"]) + below


def _lookups(plan: dict[str, Any]) -> int:
    below = sum(_lookups(part) for part in plan.get("Plans", ()))
    return below + (plan["Actual Loops"] > 1 and "Index Name" in plan)


def _lines(plan: dict[str, Any], depth: int = 0) -> Iterator[str]:
    what = " ".join(str(plan[key]) for key in ("Node Type", "Relation Name", "Index Name") if key in plan)
    yield f"{'  ' * depth}{what}: {plan['Actual Rows']} rows × {plan['Actual Loops']}, {_pages(plan)} pages"
    for part in plan.get("Plans", ()):
        yield from _lines(part, depth + 1)


@contextmanager
def effort_of(*engines: Engine) -> Iterator[Effort]:
    """Each statement is explained, undone, and carried out then. Those that are planned once are explained
    with the plan that knows no values."""
    found = Effort()

    def explain(
        connection: Any, _cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> None:
        kind = statement.split(maxsplit=1)[0].upper()
        if kind not in READS:
            return
        with connection.connection.driver_connection.cursor() as cursor:
            if kind != "SELECT":  # which leaves nothing to undo
                cursor.execute("SAVEPOINT explained")
            for one in parameters if many else [parameters]:
                once = not many and context.execution_options.get("planned_once")
                asked = _planned_without_values(cursor, statement, one) if once else statement
                explained = f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {asked}"
                cursor.execute(explained, None if once else one)
                found.note(statement, cursor.fetchone()[0][0]["Plan"])
                if once:
                    cursor.execute("DEALLOCATE explained")
                    cursor.execute("SET LOCAL plan_cache_mode = auto")
            if kind != "SELECT":
                for ending in ("ROLLBACK TO SAVEPOINT explained", "RELEASE SAVEPOINT explained"):
                    cursor.execute(ending)  # one by one: in a pipeline they have to be

    for engine in engines:
        event.listen(engine, "before_cursor_execute", explain)
    try:
        yield found
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", explain)


def _planned_without_values(cursor: Any, statement: str, parameters: Any) -> str:
    """Have it planned for any values; returns how it is carried out with these."""
    names: list[str] = []

    def number(found: re.Match[str]) -> str:
        if found[1] not in names:
            names.append(found[1])
        return f"${names.index(found[1]) + 1}"

    cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    numbered = re.sub(r"%\((\w+)\)s", number, statement).replace("%%", "%")
    cursor.execute(f"PREPARE explained AS {numbered}")
    carried_out = f"EXECUTE explained({', '.join(['%s'] * len(names))})"
    return ClientCursor(cursor.connection).mogrify(carried_out, [parameters[name] for name in names])


FILLED: tuple[type[Base], ...] = (Vehicle, Publication, Listing, Transfer, CostEvent)


class LargeStock:
    """A dealer with so many released vehicles, written in bulk: nobody has analysed the tables since."""

    def __init__(
        self,
        build: Build,
        runtime: Runtime,
        vehicles: int,
        *,
        others_analysed: bool = False,
        nearly_emptied: bool = False,
    ) -> None:
        """With `others_analysed`, PostgreSQL knows fifty dealers of 20 vehicles, and nothing of this one.
        With `nearly_emptied`, one row in many pages, until the scheduler has looked."""
        self.runtime, self.vehicles, self.session = runtime, vehicles, build.session
        self._forget_everything()
        if nearly_emptied:
            self.session.execute(text(_NEARLY_EMPTIED))
            self.session.commit()
        if others_analysed:
            for statement in _OTHERS:
                self.session.execute(text(statement), {"facts": _FACTS})
            self.session.commit()
        now = datetime.now(UTC)
        self.dealer: Dealer = build.dealer()
        self.activation: Activation = build.activation(self.dealer, counted_from=now)
        build.bind(self.dealer, platform="mobile-de-csv")
        self.files: Activation = build.activation(
            self.dealer, app="mobile-de-csv", settings={"transport": "pull"}, counted_from=now
        )
        self._write(_VEHICLES, _RELEASED, facts=_FACTS)

    def _forget_everything(self) -> None:
        if int(self.session.scalar(text("SHOW server_version_num")) or 0) < TAKES_STATISTICS_AWAY:
            pytest.skip("only PostgreSQL from 18 on can be made to know nothing of a table")
        self.session.execute(text("TRUNCATE dealer, platform_breaker CASCADE"))
        self.session.execute(text(_CLEAR_STATISTICS))
        self.session.commit()

    def _write(self, *statements: str, **more: str) -> None:
        keys = {
            "dealer": self.dealer.id,
            "location": self.dealer.locations[0].id,
            "activation": self.activation.id,
            "vehicles": self.vehicles,
        }
        for statement in statements:
            self.session.execute(text(statement), keys | more)
        self.session.commit()
        self._look_at_what_is_filled()
        self.session.commit()

    def _look_at_what_is_filled(self) -> None:
        """As the scheduler does. What it goes by, PostgreSQL's own count, may be wrong after TRUNCATE: what
        other connections had deleted before is subtracted once they tell of it."""
        rows = {table: select(func.count()).select_from(table) for table in FILLED}
        filled = [table for table, count in rows.items() if (self.session.scalar(count) or 0) >= plans.MANY]
        plans.refresh_statistics(self.session, plans.MANY, *filled)

    def online(self) -> None:
        self._write(_LISTED)

    def in_trouble(self) -> None:
        """Each hundredth was refused, each fiftieth lacks something, and each tenth waits."""
        self._write(_LISTED, _REFUSED, _LACKING, _WAITING, problem=_PROBLEM)

    def wholly_in_trouble(self) -> None:
        """The whole stock lacks something, and was refused before."""
        self._write(_REFUSED_AND_VANISHED, _ALL_LACKING, problem=_PROBLEM)

    def waiting_in_trouble(self) -> None:
        """The whole stock was refused before, vanished, and waits."""
        self._write(_REFUSED_AND_VANISHED, _ALL_WAITING)

    def put_off(self) -> None:
        """The whole stock waits for its next attempt; ten may be sent now."""
        self._write(_LISTED, _PUT_OFF)

    def refused_and_unwanted(self) -> None:
        """The whole stock was refused, never was there, and waits; nothing of it is released."""
        self._write(_REFUSED_AT_ONCE, _UNRELEASED, _ALL_WAITING)

    def past(self) -> None:
        self._write(_LISTED, _TRANSFERRED)

    def charged(self) -> None:
        """Every vehicle was listed now, with a paid extra, and once before, which is written down."""
        self._write(_LISTED, _CREATED, _CHARGED_BEFORE)

    def lease(self) -> Lease:
        lease = take(self.runtime.sessions, self.activation.id)
        assert lease is not None
        return lease


_CLEAR_STATISTICS = """
    SELECT pg_clear_relation_stats(schemaname, tablename),
        (SELECT count(*) FROM (
            SELECT pg_clear_attribute_stats(t.schemaname, t.tablename, attname, inherited)
            FROM pg_stats AS s WHERE s.schemaname = t.schemaname AND s.tablename = t.tablename) AS cleared)
    FROM pg_tables AS t WHERE schemaname = 'public'"""
_NEARLY_EMPTIED = """
    SELECT pg_restore_relation_stats(
        'schemaname', schemaname::text, 'relname', tablename::text, 'relpages', 10000, 'reltuples', 1::real)
    FROM pg_tables WHERE schemaname = 'public'"""
_FACTS = golf().model_dump_json(exclude_defaults=True)
_OTHERS = (
    "INSERT INTO dealer (key, name) SELECT 'other' || n, 'Other' FROM generate_series(1, 50) AS n",
    "INSERT INTO location (dealer_id, code, name) SELECT id, 'HH', 'Hamburg' FROM dealer",
    """INSERT INTO activation (dealer_id, app, kind, customer_number, location_id, state, counted_from)
        SELECT dealer_id, 'mobile-de', 'api', id::text, id, 'active', now() FROM location""",
    """INSERT INTO vehicle (dealer_id, location_id, online, data)
        SELECT dealer_id, id, true, CAST(:facts AS jsonb) || jsonb_build_object('offer_number', 'F' || n)
        FROM location CROSS JOIN generate_series(1, 20) AS n""",
    """INSERT INTO publication (vehicle_id, activation_id, released)
        SELECT v.id, a.id, true FROM vehicle AS v JOIN activation AS a ON a.dealer_id = v.dealer_id""",
    """INSERT INTO listing (activation_id, vehicle_id, state, listing_id)
        SELECT activation_id, vehicle_id, 'online', vehicle_id::text FROM publication""",
    """INSERT INTO transfer
            (activation_id, vehicle_id, location_id, state, action, trigger, created_at, finished_at)
        SELECT a.id, v.id, v.location_id, 'ok', 'update', 'change', now() - interval '9 days', now()
        FROM vehicle AS v JOIN activation AS a ON a.dealer_id = v.dealer_id""",
    "ANALYZE",
)
_VEHICLES = """
    INSERT INTO vehicle (dealer_id, location_id, online, data)
    SELECT :dealer, :location, true, CAST(:facts AS jsonb) || jsonb_build_object(
        'offer_number', 'F' || n, 'vin', 'WVWZZZ1KZ' || lpad(n::text, 8, '0'))
    FROM generate_series(1, :vehicles) AS n"""
_RELEASED = """
    INSERT INTO publication (vehicle_id, activation_id, released)
    SELECT v.id, a.id, true FROM vehicle AS v JOIN activation AS a ON a.dealer_id = v.dealer_id
    WHERE v.dealer_id = :dealer"""
_LISTED = """
    INSERT INTO listing
        (activation_id, vehicle_id, state, listing_id, internal_number, sent_hash, sent_payload)
    SELECT :activation, id, 'online', id::text, data ->> 'offer_number', 'x', '{}' FROM vehicle
    WHERE dealer_id = :dealer"""
_REFUSED = """
    UPDATE listing AS l SET last_result = 'rejected' FROM vehicle AS v
    WHERE l.activation_id = :activation AND v.id = l.vehicle_id AND (v.data ->> 'offer_number') LIKE 'F%01'"""
_REFUSED_AND_VANISHED = """
    INSERT INTO listing (activation_id, vehicle_id, state, listing_id, internal_number, sent_hash,
        sent_payload, last_result, vanished_at)
    SELECT :activation, id, 'online', id::text, data ->> 'offer_number', 'x', '{}', 'rejected', now()
    FROM vehicle WHERE dealer_id = :dealer"""
_REFUSED_AT_ONCE = """
    INSERT INTO listing (activation_id, vehicle_id, state, refused_hash, last_result)
    SELECT :activation, id, 'absent', 'x', 'rejected' FROM vehicle WHERE dealer_id = :dealer"""
_PROBLEM = '[{"code": "missing-field", "text": "x", "field": "price"}]'
_LACKING = """
    UPDATE publication AS p SET problems = CAST(:problem AS jsonb) FROM vehicle AS v
    WHERE v.dealer_id = :dealer AND v.id = p.vehicle_id
        AND (v.data ->> 'offer_number') LIKE ANY ('{F%21,F%71}')"""
_ALL_LACKING = """
    UPDATE publication SET problems = CAST(:problem AS jsonb)
    WHERE activation_id IN (SELECT id FROM activation WHERE dealer_id = :dealer)"""
_WAITING = """
    INSERT INTO transfer (activation_id, vehicle_id, location_id, state, trigger, not_before)
    SELECT :activation, id, location_id, 'waiting', 'change', now() + interval '1 day'
    FROM vehicle WHERE dealer_id = :dealer AND (data ->> 'offer_number') LIKE 'F%5'"""
_ALL_WAITING = """
    INSERT INTO transfer (activation_id, vehicle_id, location_id, state, trigger, forced)
    SELECT :activation, id, location_id, 'waiting', 'change', true FROM vehicle WHERE dealer_id = :dealer"""
_PUT_OFF = """
    INSERT INTO transfer (activation_id, vehicle_id, location_id, state, trigger, attempt_count, not_before)
    SELECT :activation, id, location_id, 'waiting', 'change', 1,
        CASE WHEN (data ->> 'offer_number') NOT LIKE 'F9_' THEN now() + interval '1 hour' END
    FROM vehicle WHERE dealer_id = :dealer"""
_UNRELEASED = "UPDATE publication SET released = false WHERE activation_id = :activation"
_TRANSFERRED = """
    INSERT INTO transfer
        (activation_id, vehicle_id, location_id, state, action, trigger, created_at, finished_at)
    SELECT :activation, id, location_id, 'ok', 'update', 'change',
        now() - interval '9 days', now() - interval '9 days'
    FROM vehicle WHERE dealer_id = :dealer"""
_CREATED = """
    INSERT INTO transfer
        (activation_id, vehicle_id, location_id, state, action, trigger, bookings, created_at, finished_at)
    SELECT :activation, id, location_id, 'ok', 'create', 'change', '{topAd}', now(), now()
    FROM vehicle WHERE dealer_id = :dealer"""
_CHARGED_BEFORE = """
    INSERT INTO cost_event (activation_id, vehicle_id, transfer_id, offer_number, kind, at)
    SELECT :activation, id, uuidv7(), data ->> 'offer_number', 'created', now() - interval '40 days'
    FROM vehicle WHERE dealer_id = :dealer"""
