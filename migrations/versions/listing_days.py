"""How each listing does, by day, and what its platform says of the price

Revision ID: listing_days
Revises: timeline
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "listing_days"
down_revision = "timeline"
branch_labels = None
depends_on = None

COUNTS = ("impressions", "views", "parkings", "emails", "calls")
ONLINE = {"postgresql_where": sa.text("state = 'online' AND listing_id IS NOT NULL")}
RATED = {"postgresql_where": sa.text("price_label <> ''")}


def upgrade() -> None:
    op.create_table(
        "listing_day",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in COUNTS),
        sa.Column("price", sa.Numeric(12, 2), nullable=True),
        sa.Column("price_label", sa.String(12), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_listing_day_listing_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_day")),
        sa.UniqueConstraint("listing_id", "day", name=op.f("uq_listing_day_listing_id_day")),
    )
    moment = sa.DateTime(timezone=True)
    rating = sa.Column("price_rating", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False)
    op.add_column("listing", sa.Column("figures_at", moment, server_default=sa.text("'epoch'"), nullable=False))
    op.add_column("listing", sa.Column("price_label", sa.String(12), server_default="", nullable=False))
    op.add_column("listing", rating)
    first = sa.text("now() + interval '30 minutes'")
    op.add_column("activation", sa.Column("next_figures_at", moment, server_default=first, nullable=False))
    # Those that there are already must not all be asked in one minute.
    op.execute("UPDATE activation SET next_figures_at = now() + random() * interval '4 hours'")
    op.create_index("ix_listing_price_label", "listing", ["vehicle_id"], **RATED)
    op.create_index("ix_listing_figures", "listing", ["activation_id", "figures_at"], **ONLINE)


def downgrade() -> None:
    op.drop_index("ix_listing_figures", table_name="listing")
    op.drop_index("ix_listing_price_label", table_name="listing")
    op.drop_column("activation", "next_figures_at")
    for name in ("price_rating", "price_label", "figures_at"):
        op.drop_column("listing", name)
    op.drop_table("listing_day")
