"""Nothing yet."""

revision: str = "0025_llm_third"
down_revision: str | None = "0024_prompts_third"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Drop them."""
