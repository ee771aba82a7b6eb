"""Mails wait sealed; addresses in the audit log that are not shortened yet are found

Revision ID: mails_and_people
Revises: webhooks
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "mails_and_people"
down_revision = "webhooks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mail", sa.Column("sealed", sa.String(), server_default="", nullable=False))
    op.alter_column("mail", "plain", server_default="")
    op.create_index(
        "ix_audit_event_whole_address",
        "audit_event",
        ["at"],
        postgresql_where=sa.text("address <> '' AND address NOT LIKE '%/%'"),
    )


def downgrade() -> None:
    op.drop_index("ix_audit_event_whole_address", "audit_event")
    # What waits sealed can not be read without the column.
    op.execute("DELETE FROM mail WHERE sealed <> ''")
    op.alter_column("mail", "plain", server_default=None)
    op.drop_column("mail", "sealed")
