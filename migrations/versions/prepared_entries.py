"""What was prepared of a vehicle for a file is kept for the next one

Revision ID: prepared_entries
Revises: row_marks
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "prepared_entries"
down_revision = "row_marks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kept = (
        *(sa.Column("digest", sa.LargeBinary, nullable=False),),
        *(sa.Column(name, sa.String(length), nullable=False) for name, length in (("number", 80), ("result", 12))),
        *(sa.Column(name, JSONB, nullable=False) for name in ("feedback", "problems", "hints")),
        *(sa.Column("cells", sa.Text, nullable=False),),
    )
    of = ("activation", "vehicle")
    op.create_table(
        "prepared_entry",
        *(sa.Column(f"{name}_id", sa.Uuid, nullable=False) for name in of),
        *kept,
        *(
            sa.ForeignKeyConstraint(
                [f"{name}_id"], [f"{name}.id"], name=f"fk_prepared_entry_{name}_id", ondelete="CASCADE"
            )
            for name in of
        ),
        sa.PrimaryKeyConstraint("activation_id", "vehicle_id", name="pk_prepared_entry"),
    )
    op.create_index("ix_prepared_entry_vehicle", "prepared_entry", ["vehicle_id"])


def downgrade() -> None:
    op.drop_table("prepared_entry")
