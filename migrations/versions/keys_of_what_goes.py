"""What is forgotten is looked for by its key wherever rows point to it

Revision ID: keys_of_what_goes
Revises: withdrawn_numbers
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "keys_of_what_goes"
down_revision = "withdrawn_numbers"
branch_labels = None
depends_on = None

POINTING = (("feed_fetch", "run_id"), ("lock", "run_id"), ("notification", "problem_id"), ("support_session", "login_session_id"))
INDEXES = {f"ix_{table}_{column.removesuffix('_id')}": (table, column) for table, column in POINTING}


def upgrade() -> None:
    for name, (table, column) in INDEXES.items():
        op.create_index(name, table, [column], postgresql_where=sa.text(f"{column} IS NOT NULL"))


def downgrade() -> None:
    for name, (table, _column) in INDEXES.items():
        op.drop_index(name, table_name=table)
