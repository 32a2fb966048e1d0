"""Nothing yet."""

revision: str = "0018_music_second"
down_revision: str | None = "0017_posts"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Drop them."""
