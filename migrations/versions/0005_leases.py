"""The lease lies in a table of its own, apart from the activation's row, which long transactions lock

Revision ID: 0005_leases
Revises: 0004_later_answers, import_remarks
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005_leases"
down_revision = ("0004_later_answers", "import_remarks")
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "activation_lease",
        sa.Column("activation_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.Uuid(), nullable=True),
        sa.Column("until", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("activation_id", name=op.f("pk_activation_lease")),
        sa.UniqueConstraint("token", name=op.f("uq_activation_lease_token")),
        sa.ForeignKeyConstraint(
            ["activation_id"],
            ["activation.id"],
            name=op.f("fk_activation_lease_activation_id"),
            ondelete="CASCADE",
        ),
    )
    for name in ("lease_token", "lease_until"):
        op.drop_column("activation", name)


def downgrade() -> None:
    op.add_column("activation", sa.Column("lease_token", sa.Uuid(), nullable=True))
    op.add_column("activation", sa.Column("lease_until", MOMENT, nullable=True))
    op.drop_table("activation_lease")
