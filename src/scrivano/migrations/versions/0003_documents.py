"""Tables of `documents`: any text that a person or a run writes, with every version kept."""

from alembic import op

revision: str = "0003_documents"
down_revision: str | None = "0002_runs"
branch_labels: None = None
depends_on: None = None

_UP = (
    """
    CREATE TABLE documents (
        id uuid NOT NULL,
        kind text NOT NULL,
        owner_feature text,
        owner_id text,
        title text NOT NULL,
        latest_number integer NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL,
        CONSTRAINT pk_documents PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_documents_owner_feature_owner_id ON documents (owner_feature, owner_id)",
    """
    CREATE TABLE document_versions (
        id uuid NOT NULL,
        document_id uuid NOT NULL,
        number integer NOT NULL,
        text text NOT NULL,
        author_kind text NOT NULL,
        author_id text,
        request_ids uuid[] NOT NULL,
        note text NOT NULL,
        sources jsonb NOT NULL,
        key text,
        created_at timestamptz NOT NULL,
        CONSTRAINT pk_document_versions PRIMARY KEY (id),
        CONSTRAINT fk_document_versions_document_id_documents
            FOREIGN KEY (document_id) REFERENCES documents (id) ON DELETE CASCADE,
        CONSTRAINT uq_document_versions_document_id_number UNIQUE (document_id, number),
        CONSTRAINT uq_document_versions_document_id_key UNIQUE (document_id, key),
        CONSTRAINT ck_document_versions_number CHECK (number >= 1),
        CONSTRAINT ck_document_versions_author_kind CHECK (author_kind IN ('person', 'run', 'import'))
    )
    """,
)


def upgrade() -> None:
    """Create them."""
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP TABLE document_versions, documents")
