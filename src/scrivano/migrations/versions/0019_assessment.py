"""Nothing yet."""

revision: str = "0019_assessment"
down_revision: str | None = "0018_music_second"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Drop them."""
