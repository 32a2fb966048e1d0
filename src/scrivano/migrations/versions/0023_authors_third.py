"""Projects that are being removed for good."""

import sqlalchemy as sa
from alembic import op

revision: str = "0023_authors_third"
down_revision: str | None = "0022_music_taste"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them."""
    op.add_column("projects", sa.Column("doomed", sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("projects", "doomed")
