"""Tables of `documents`: proposals beside the newest version, and comments on passages."""

from alembic import op

revision: str = "0013_documents_second"
down_revision: str | None = "0012_people"
branch_labels: None = None
depends_on: None = None

_UP = (
    """
    CREATE TABLE document_proposals (
        id uuid NOT NULL,
        document_id uuid NOT NULL,
        base_number integer NOT NULL,
        text text NOT NULL,
        author_kind text NOT NULL,
        author_id text,
        request_ids uuid[] NOT NULL,
        note text NOT NULL,
        sources jsonb NOT NULL,
        key text,
        status text NOT NULL,
        result_number integer,
        decided_by text,
        decided_at timestamptz,
        created_at timestamptz NOT NULL,
        CONSTRAINT pk_document_proposals PRIMARY KEY (id),
        CONSTRAINT fk_document_proposals_document_id_documents
            FOREIGN KEY (document_id) REFERENCES documents (id) ON DELETE CASCADE,
        CONSTRAINT uq_document_proposals_document_id_key UNIQUE (document_id, key),
        CONSTRAINT ck_document_proposals_author_kind CHECK (author_kind IN ('person', 'run', 'import')),
        CONSTRAINT ck_document_proposals_status
            CHECK (status IN ('open', 'accepted', 'partly', 'rejected', 'superseded'))
    )
    """,
    "CREATE INDEX ix_document_proposals_document_id ON document_proposals (document_id, created_at)",
    """
    CREATE TABLE document_comments (
        id uuid NOT NULL,
        document_id uuid NOT NULL,
        parent_id uuid,
        version_number integer NOT NULL,
        quote text NOT NULL,
        start integer NOT NULL,
        before text NOT NULL,
        after text NOT NULL,
        body text NOT NULL,
        author_kind text NOT NULL,
        author_id text,
        resolved_at timestamptz,
        resolved_by text,
        created_at timestamptz NOT NULL,
        edited_at timestamptz,
        CONSTRAINT pk_document_comments PRIMARY KEY (id),
        CONSTRAINT fk_document_comments_document_id_documents
            FOREIGN KEY (document_id) REFERENCES documents (id) ON DELETE CASCADE,
        CONSTRAINT fk_document_comments_parent_id_document_comments
            FOREIGN KEY (parent_id) REFERENCES document_comments (id) ON DELETE CASCADE,
        CONSTRAINT ck_document_comments_author_kind CHECK (author_kind IN ('person', 'run', 'import'))
    )
    """,
    "CREATE INDEX ix_document_comments_document_id ON document_comments (document_id, created_at)",
    "CREATE INDEX ix_document_comments_parent_id ON document_comments (parent_id)",
)


def upgrade() -> None:
    """Create them."""
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP TABLE document_comments, document_proposals")
