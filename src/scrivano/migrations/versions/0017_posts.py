"""Nothing yet."""

revision: str = "0017_posts"
down_revision: str | None = "0016_tasks"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Drop them."""
