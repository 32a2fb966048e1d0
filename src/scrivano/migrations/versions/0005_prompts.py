"""Tables of `prompts`."""

revision: str = "0005_prompts"
down_revision: str | None = "0004_llm"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Drop them."""
