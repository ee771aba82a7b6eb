"""How every process connects to PostgreSQL."""

from __future__ import annotations

from typing import Any

CONNECT_ARGS: dict[str, Any] = {"prepare_threshold": None}
"""No server-side prepared statements: after a few runs PostgreSQL plans them without looking at
the parameters, and then neither a partial index nor ON CONFLICT with one is recognised."""

ENGINE_OPTIONS: dict[str, Any] = {"pool_pre_ping": True, "connect_args": CONNECT_ARGS}
