"""Whose number at a platform it is

Revision ID: 0003_customer_numbers
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003_customer_numbers"
down_revision = "0002"
branch_labels = None
depends_on = None

# The apps whose numbers a platform gives, as they were when numbers began to be bound.
PLATFORM_OF = {"mobile-de": "mobile-de", "mobile-de-csv": "mobile-de"}


def upgrade() -> None:
    op.create_table(
        "customer_number",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("platform", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("dealer_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), server_default="requested", nullable=False),
        sa.Column("requested_by", sa.String(length=200), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("decided_by", sa.String(length=200), server_default="", nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("grounds", sa.String(length=20), server_default="", nullable=False),
        sa.Column("released_by", sa.String(length=200), server_default="", nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["dealer_id"], ["dealer.id"], name=op.f("fk_customer_number_dealer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_number")),
    )
    op.create_index(
        "uq_customer_number_bound",
        "customer_number",
        ["platform", "number"],
        unique=True,
        postgresql_where=sa.text("state = 'bound'"),
    )
    op.create_index(
        "uq_customer_number_requested",
        "customer_number",
        ["platform", "number", "dealer_id"],
        unique=True,
        postgresql_where=sa.text("state = 'requested'"),
    )
    op.create_index("ix_customer_number_dealer", "customer_number", ["dealer_id"])
    _bind_what_is_in_use()


def _bind_what_is_in_use() -> None:
    """Who is served under a number today keeps it. A number of an ended app stays with the dealer who had
    it, where that was only one; what two dealers had is for the operator to decide."""
    for app, platform in PLATFORM_OF.items():
        op.execute(
            sa.text(
                """
                INSERT INTO customer_number (platform, number, dealer_id, state, grounds, decided_at)
                SELECT :platform, customer_number, min(dealer_id::text)::uuid, 'bound', 'in_use', now()
                FROM activation a
                WHERE app = :app AND state <> 'draft' AND (
                    state <> 'deactivated' OR NOT EXISTS (
                        SELECT 1 FROM activation b WHERE b.app IN ('mobile-de', 'mobile-de-csv')
                        AND b.customer_number = a.customer_number AND b.dealer_id <> a.dealer_id
                        AND b.state <> 'draft'))
                GROUP BY customer_number
                HAVING count(DISTINCT dealer_id) = 1
                ON CONFLICT DO NOTHING
                """
            ).bindparams(platform=platform, app=app)
        )


def downgrade() -> None:
    op.drop_table("customer_number")
