"""A key carries rights, at most its maker's; failed logins are counted by account and where they come from

Revision ID: rights_and_throttle
Revises: 0006_two_lines
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "rights_and_throttle"
down_revision = "0006_two_lines"
branch_labels = None
depends_on = None


def upgrade() -> None:
    rights = postgresql.ARRAY(sa.String(40))
    op.add_column("api_key", sa.Column("rights", rights, server_default=sa.text("'{}'"), nullable=False))
    # Keys could do both so far; each keeps what its maker may do.
    op.execute(
        """
        UPDATE api_key AS k SET rights = ARRAY(
            SELECT r FROM unnest(ARRAY['view', 'edit_vehicles']) AS r WHERE r = ANY(u.rights))
        FROM "user" AS u WHERE u.id = k.created_by
        """
    )
    op.add_column("user", sa.Column("guesses_told_at", sa.DateTime(timezone=True), nullable=True))
    # Blocks last an hour at most: none is carried over.
    op.execute("DELETE FROM login_throttle")
    op.add_column(
        "login_throttle", sa.Column("origin", sa.String(64), server_default=sa.text("''"), nullable=False)
    )
    op.drop_constraint(op.f("pk_login_throttle"), "login_throttle", type_="primary")
    op.create_primary_key(op.f("pk_login_throttle"), "login_throttle", ["login", "origin"])


def downgrade() -> None:
    op.drop_column("user", "guesses_told_at")
    op.execute("DELETE FROM login_throttle")
    op.drop_constraint(op.f("pk_login_throttle"), "login_throttle", type_="primary")
    op.drop_column("login_throttle", "origin")
    op.create_primary_key(op.f("pk_login_throttle"), "login_throttle", ["login"])
    op.drop_column("api_key", "rights")
