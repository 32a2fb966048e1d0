"""Tables of `llm`."""

revision: str = "0004_llm"
down_revision: str | None = "0003_documents"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Drop them."""
