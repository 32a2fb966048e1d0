"""Tables of `llm_second`."""

revision: str = "0011_llm_second"
down_revision: str | None = "0010_accounts"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Drop them."""
