"""Messages as a sentence and its values, beside the words of an earlier time

What was stored as text becomes a JSON string and is shown as it is.

Revision ID: 0008_messages
Revises: platform_breaker
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008_messages"
down_revision = "platform_breaker"
branch_labels = None
depends_on = None

COLUMNS = (
    ("audit_event", "actor", sa.String(200)),
    ("activation", "stop_detail", sa.String(500)),
    ("activation", "pause_reason", sa.String(500)),
    ("platform_breaker", "pause_reason", sa.String(500)),
    ("run", "message", sa.Text()),
    ("locked_vehicle", "reason", sa.String(500)),
    ("notification", "title", sa.String(200)),
    ("notification", "body", sa.String(1000)),
    ("vehicle_import", "error", sa.Text()),
    ("vehicle_import", "note", sa.Text()),
    ("import_row", "reason", sa.String(500)),
)
"""Table, column and its type before."""
WITHOUT_DEFAULT = (("notification", "title"), ("import_row", "reason"))


def upgrade() -> None:
    for table, column, before in COLUMNS:
        op.alter_column(table, column, existing_type=before, server_default=None)
        op.alter_column(
            table,
            column,
            type_=JSONB(),
            existing_type=before,
            existing_nullable=False,
            postgresql_using=f"to_jsonb({column})",
        )
        op.alter_column(table, column, existing_type=JSONB(), server_default=sa.text("'\"\"'"))


def downgrade() -> None:
    """Of a message only its sentence is left, with the names of its values."""
    for table, column, before in COLUMNS:
        words = f"CASE jsonb_typeof({column}) WHEN 'string' THEN {column} #>> '{{}}' ELSE {column} ->> 'text' END"
        longest = getattr(before, "length", None)
        op.alter_column(table, column, existing_type=JSONB(), server_default=None)
        op.alter_column(
            table,
            column,
            type_=before,
            existing_type=JSONB(),
            existing_nullable=False,
            postgresql_using=f"left({words}, {longest})" if longest else words,
        )
        if (table, column) not in WITHOUT_DEFAULT:
            op.alter_column(table, column, existing_type=before, server_default="")
