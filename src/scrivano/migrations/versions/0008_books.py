"""Tables of `books`."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0008_books"
down_revision: str | None = "0007_references"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them."""
    moment = sa.TIMESTAMP(timezone=True)
    op.create_table(
        "books",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid()),
        sa.Column("user_id", sa.Uuid()),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("brief", JSONB(), nullable=False),
        sa.Column("outline", JSONB()),
        sa.Column("provenance", JSONB()),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("finished_at", moment),
        sa.PrimaryKeyConstraint("id", name="pk_books"),
    )
    op.create_index("ix_books_created_at", "books", ["created_at"])
    op.create_index("ix_books_project_id", "books", ["project_id"])
    op.create_table(
        "book_references",
        sa.Column("book_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("reference", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "position", name="pk_book_references"),
        sa.ForeignKeyConstraint(
            ["book_id"], ["books.id"], ondelete="CASCADE", name="fk_book_references_book_id_books"
        ),
    )
    op.create_table(
        "book_chapters",
        sa.Column("book_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("facts", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "number", name="pk_book_chapters"),
        sa.ForeignKeyConstraint(
            ["book_id"], ["books.id"], ondelete="CASCADE", name="fk_book_chapters_book_id_books"
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name="fk_book_chapters_document_id_documents"
        ),
    )
    op.create_table(
        "book_files",
        sa.Column("book_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("book_id", "name", name="pk_book_files"),
        sa.ForeignKeyConstraint(
            ["book_id"], ["books.id"], ondelete="CASCADE", name="fk_book_files_book_id_books"
        ),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("book_files", "book_chapters", "book_references", "books"):
        op.drop_table(table)
