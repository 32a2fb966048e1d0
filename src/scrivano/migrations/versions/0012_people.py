"""Nothing yet."""

revision: str = "0012_people"
down_revision: str | None = "0011_llm_second"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Drop them."""
