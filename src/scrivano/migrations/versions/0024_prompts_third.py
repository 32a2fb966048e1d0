"""Nothing yet."""

revision: str = "0024_prompts_third"
down_revision: str | None = "0023_authors_third"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Drop them."""
