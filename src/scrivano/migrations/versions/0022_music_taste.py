"""Nothing yet."""

revision: str = "0022_music_taste"
down_revision: str | None = "0021_notifications"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Drop them."""
