"""Nothing yet."""

revision: str = "0016_tasks"
down_revision: str | None = "0015_prompts_second"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Drop them."""
