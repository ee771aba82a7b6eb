"""What was not read of a vehicle that an import took all the same

Revision ID: import_remarks
Revises: 0003_customer_numbers
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "import_remarks"
down_revision = "0003_customer_numbers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "vehicle_import", sa.Column("remarked", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column(
        "import_row", sa.Column("refused", sa.Boolean(), server_default=sa.text("true"), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("import_row", "refused")
    op.drop_column("vehicle_import", "remarked")
