"""Books over REST: the runs behind a book, covers to choose from, and requests that are carried out once."""

from alembic import op

revision: str = "0020_books_second"
down_revision: str | None = "0019_assessment"
branch_labels: None = None
depends_on: None = None

_UP = (
    "ALTER TABLE books ADD COLUMN plan jsonb",
    """
    CREATE TABLE book_runs (
        book_id uuid NOT NULL,
        run_id text NOT NULL,
        purpose text NOT NULL,
        chapter integer,
        created_at timestamptz NOT NULL,
        CONSTRAINT pk_book_runs PRIMARY KEY (book_id, run_id),
        CONSTRAINT fk_book_runs_book_id_books FOREIGN KEY (book_id) REFERENCES books (id) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX ix_book_runs_run_id ON book_runs (run_id)",
    "INSERT INTO book_runs (book_id, run_id, purpose, created_at) SELECT id, run_id, 'write', created_at FROM books",
    """
    CREATE TABLE book_covers (
        id uuid NOT NULL,
        book_id uuid NOT NULL,
        kind text NOT NULL,
        style text NOT NULL,
        lettering jsonb NOT NULL,
        art bytea,
        front bytea NOT NULL,
        request_id uuid,
        model text,
        cost numeric NOT NULL DEFAULT 0,
        chosen boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL,
        CONSTRAINT pk_book_covers PRIMARY KEY (id),
        CONSTRAINT fk_book_covers_book_id_books FOREIGN KEY (book_id) REFERENCES books (id) ON DELETE CASCADE,
        CONSTRAINT ck_book_covers_kind CHECK (kind IN ('drawn', 'model', 'upload'))
    )
    """,
    "CREATE INDEX ix_book_covers_book_id ON book_covers (book_id, created_at)",
    """
    UPDATE documents d SET owner_feature = 'books', owner_id = c.book_id::text
    FROM book_chapters c WHERE c.document_id = d.id AND d.owner_feature IS NULL
    """,
    """
    CREATE TABLE idempotent_requests (
        caller text NOT NULL,
        route text NOT NULL,
        key text NOT NULL,
        body_hash text NOT NULL,
        token uuid NOT NULL,
        started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        status integer,
        answer bytea,
        CONSTRAINT pk_idempotent_requests PRIMARY KEY (caller, route, key)
    )
    """,
    "CREATE INDEX ix_idempotent_requests_started_at ON idempotent_requests (started_at)",
)


def upgrade() -> None:
    """Create them, and tell which book the chapters' texts belong to."""
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP TABLE idempotent_requests, book_covers, book_runs")
    op.execute("ALTER TABLE books DROP COLUMN plan")
