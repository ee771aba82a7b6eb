"""A deleted person's row stays, empty; and no visit of an agent goes with the agent

Revision ID: deleted_people
Revises: stock_sources
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "deleted_people"
down_revision = "stock_sources"
branch_labels = None
depends_on = None

AGENT = "fk_support_session_agent_id"


def upgrade() -> None:
    op.add_column("user", sa.Column("deleted_at", sa.DateTime(timezone=True)))
    op.drop_constraint(AGENT, "support_session", type_="foreignkey")
    op.create_foreign_key(AGENT, "support_session", "user", ["agent_id"], ["id"])


def downgrade() -> None:
    op.drop_constraint(AGENT, "support_session", type_="foreignkey")
    op.create_foreign_key(AGENT, "support_session", "user", ["agent_id"], ["id"], ondelete="CASCADE")
    op.drop_column("user", "deleted_at")
