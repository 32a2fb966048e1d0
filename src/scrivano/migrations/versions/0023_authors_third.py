"""Nothing yet."""

revision: str = "0023_authors_third"
down_revision: str | None = "0022_music_taste"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Drop them."""
