"""What an operator needs to know, in one statement whose cost does not grow with the history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

Labels = tuple[str, ...]


@dataclass(frozen=True)
class Metric:
    """A gauge: `values` by the values of its labels, in their order."""

    name: str
    help: str
    labels: Labels
    values: Mapping[Labels, float]


def read_metrics(session: Session) -> list[Metric]:
    """All of one moment."""
    values: dict[str, dict[Labels, float]] = {name: {} for name, *_rest in _METRICS}
    for name, of, value in session.execute(_ALL):
        values[name][tuple(of)] = value
    return [Metric(f"portal_{name}", help, labels, values[name]) for name, help, labels, _rows in _METRICS]


_OPEN = "state IN ('waiting', 'sending')"
_METRICS: tuple[tuple[str, str, Labels, str], ...] = (
    (
        "transfers_open",
        "Transfers that wait or are being sent.",
        ("app", "state"),
        f"""SELECT a.app, CASE WHEN t.held THEN 'held' ELSE t.state END AS state, count(*) AS value
            FROM transfer t JOIN activation a ON a.id = t.activation_id WHERE t.{_OPEN} GROUP BY 1, 2""",  # noqa: S608
    ),
    (
        "oldest_waiting_seconds",
        "Age of the oldest transfer that could be sent now and is not.",
        (),
        """SELECT coalesce(max(extract(epoch FROM clock_timestamp() - t.created_at)), 0) AS value
            FROM transfer t JOIN activation a ON a.id = t.activation_id
            WHERE t.state = 'waiting' AND NOT t.held AND a.state IN ('active', 'closing')
            AND coalesce(t.not_before, now()) <= now() AND coalesce(a.paused_until, now()) <= now()""",
    ),
    (
        "transfers_ended_recently",
        "Transfers that ended in the last hour.",
        ("app", "result"),
        """SELECT a.app, t.state AS result, count(*) AS value
            FROM transfer t JOIN activation a ON a.id = t.activation_id
            WHERE t.state NOT IN ('waiting', 'sending') AND t.finished_at > now() - interval '1 hour'
            AND t.id > uuidv7(interval '-1 day') GROUP BY 1, 2""",
    ),
    (
        "activations",
        "Activations by state.",
        ("app", "state"),
        "SELECT app, state, count(*) AS value FROM activation GROUP BY 1, 2",
    ),
    (
        "leases_held",
        "Activations that a worker sends for right now.",
        (),
        "SELECT count(*) AS value FROM activation_lease WHERE until > now()",
    ),
    (
        "waiting_by_line",
        "Transfers that could be sent now, by who changed something: a person or a machine.",
        ("line",),
        """SELECT CASE WHEN t.bulk THEN 'bulk' ELSE 'people' END AS line, count(*) AS value
            FROM transfer t JOIN activation a ON a.id = t.activation_id
            WHERE t.state = 'waiting' AND NOT t.held AND a.state IN ('active', 'closing')
            AND coalesce(t.not_before, now()) <= now() GROUP BY 1""",
    ),
    (
        "breakers_open",
        "Activations whose platform does not answer.",
        ("app",),
        "SELECT app, count(*) AS value FROM activation WHERE failing_since IS NOT NULL GROUP BY 1",
    ),
    (
        "platform_breaker_open",
        "Whether a platform is left alone for all its activations, or asked by one of them.",
        ("app",),
        "SELECT app, (failing_since IS NOT NULL)::int AS value FROM platform_breaker",
    ),
    (
        "locks_open",
        "Locks that wait for somebody.",
        (),
        "SELECT count(*) AS value FROM lock WHERE closed_at IS NULL",
    ),
    (
        "runs_open",
        "Whole-stock runs that are not over.",
        ("kind", "state"),
        """SELECT kind, state, count(*) AS value FROM run
            WHERE state IN ('waiting', 'running', 'held') GROUP BY 1, 2""",
    ),
    (
        "mails_waiting",
        "Mails that are not sent yet.",
        (),
        "SELECT count(*) AS value FROM mail WHERE sent_at IS NULL AND failed_at IS NULL",
    ),
    (
        "support_sessions_open",
        "Agents who act for a dealer right now.",
        (),
        "SELECT count(*) AS value FROM support_session WHERE ended_at IS NULL AND expires_at > now()",
    ),
)


_ALL = text(
    " UNION ALL ".join(
        f"SELECT '{name}', ARRAY[{','.join(f'{label}::text' for label in labels)}]::text[], value::float8"  # noqa: S608
        f" FROM ({rows}) AS {name}"
        for name, _help, labels, rows in _METRICS
    )
)
"""Name, values of the labels, value."""
