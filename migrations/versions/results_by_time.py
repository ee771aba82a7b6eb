"""What ended on a day is one range of an index, whatever became of it

Revision ID: results_by_time
Revises: keys_of_what_goes
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "results_by_time"
down_revision = "keys_of_what_goes"
branch_labels = None
depends_on = None

ENDED = sa.text("state IN ('ok', 'warning', 'rejected', 'failed')")


def upgrade() -> None:
    op.drop_index("ix_transfer_results", table_name="transfer")
    columns = ["activation_id", "finished_at", "state"]
    op.create_index("ix_transfer_results", "transfer", columns, postgresql_where=ENDED)


def downgrade() -> None:
    op.drop_index("ix_transfer_results", table_name="transfer")
    columns = ["activation_id", "state", "finished_at"]
    op.create_index("ix_transfer_results", "transfer", columns, postgresql_where=ENDED)
