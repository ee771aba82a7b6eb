"""What dealers' spellings of models mean at a platform

Revision ID: known_models
Revises: deleted_people
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "known_models"
down_revision = "deleted_people"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "known_model",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("dealer_id", sa.Uuid(), nullable=False),
        sa.Column("app", sa.String(40), nullable=False),
        sa.Column("make", sa.String(60), nullable=False),
        sa.Column("model", sa.String(60), nullable=False),
        sa.Column("words", sa.String(400), nullable=False),
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        *(
            sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
            for name in ("created_at", "updated_at")
        ),
        sa.ForeignKeyConstraint(
            ["dealer_id"], ["dealer.id"], name=op.f("fk_known_model_dealer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_model")),
        sa.UniqueConstraint(
            *("dealer_id", "app", "make", "model", "words"),
            name=op.f("uq_known_model_dealer_id_app_make_model_words"),
        ),
    )


def downgrade() -> None:
    op.drop_table("known_model")
