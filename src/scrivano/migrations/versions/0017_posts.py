"""Tables of `publishing` and `posts`."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision: str = "0017_posts"
down_revision: str | None = "0016_tasks"
branch_labels: None = None
depends_on: None = None

_DEFAULT_PROJECT = sa.text("'00000000-0000-7000-8000-000000000001'::uuid")
_MOMENT = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    """Create them."""
    _publishing()
    _workflows()
    _posts()


def _project() -> sa.Column[object]:
    return sa.Column("project_id", sa.Uuid(), nullable=False, server_default=_DEFAULT_PROJECT)


def _publishing() -> None:
    op.create_table(
        "publishing_targets",
        sa.Column("id", sa.Uuid(), nullable=False),
        _project(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("settings", JSONB(), nullable=False),
        sa.Column("secret", sa.LargeBinary()),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_publishing_targets"),
        sa.UniqueConstraint("project_id", "name", name="uq_publishing_targets_project_id"),
    )
    op.create_table(
        "publications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("marker", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text()),
        sa.Column("url", sa.Text()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text()),
        sa.Column("facts", JSONB(), nullable=False),
        sa.Column("entry", JSONB()),
        sa.Column("error", sa.Text()),
        sa.Column("claimed_by", sa.Text()),
        sa.Column("claimed_until", _MOMENT),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("published_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_publications"),
        sa.UniqueConstraint("target_id", "marker", name="uq_publications_target_id"),
        sa.ForeignKeyConstraint(
            ["target_id"],
            ["publishing_targets.id"],
            ondelete="CASCADE",
            name="fk_publications_target_id_publishing_targets",
        ),
    )
    op.create_index("ix_publications_marker", "publications", ["marker"])
    op.create_table(
        "publication_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("publication_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("detail", JSONB(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_publication_events"),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["publications.id"],
            ondelete="CASCADE",
            name="fk_publication_events_publication_id_publications",
        ),
    )
    op.create_index("ix_publication_events_publication_id", "publication_events", ["publication_id"])
    op.create_table(
        "publication_deliveries",
        sa.Column("publication_id", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("publication_id", "recipient", name="pk_publication_deliveries"),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["publications.id"],
            ondelete="CASCADE",
            name="fk_publication_deliveries_publication_id_publications",
        ),
    )


def _workflows() -> None:
    op.create_table(
        "workflows",
        sa.Column("id", sa.Uuid(), nullable=False),
        _project(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("latest_number", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("id", name="pk_workflows"),
        sa.UniqueConstraint("project_id", "name", name="uq_workflows_project_id"),
    )
    op.create_table(
        "workflow_versions",
        sa.Column("workflow_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", JSONB(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("workflow_id", "number", name="pk_workflow_versions"),
        sa.ForeignKeyConstraint(
            ["workflow_id"],
            ["workflows.id"],
            ondelete="CASCADE",
            name="fk_workflow_versions_workflow_id_workflows",
        ),
    )


def _posts() -> None:
    op.create_table(
        "posts",
        sa.Column("id", sa.Uuid(), nullable=False),
        _project(),
        sa.Column("user_id", sa.Uuid()),
        sa.Column("workflow_id", sa.Uuid(), nullable=False),
        sa.Column("workflow_version", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("fields", JSONB(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_posts"),
        sa.ForeignKeyConstraint(
            ["workflow_id", "workflow_version"],
            ["workflow_versions.workflow_id", "workflow_versions.number"],
            name="fk_posts_workflow_id_workflow_versions",
        ),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="fk_posts_document_id_documents"),
    )
    op.create_index("ix_posts_project_id_created_at", "posts", ["project_id", "created_at"])
    op.create_table(
        "post_sources",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("excerpt", sa.Text(), nullable=False),
        sa.Column("published", sa.Text()),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("found_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("post_id", "number", name="pk_post_sources"),
        sa.UniqueConstraint("post_id", "url", name="uq_post_sources_post_id"),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], ondelete="CASCADE", name="fk_post_sources_post_id_posts"
        ),
    )
    op.create_table(
        "post_changes",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("changes", JSONB(), nullable=False),
        sa.Column("author_kind", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Text()),
        sa.Column("proposal_id", sa.Uuid()),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("post_id", "revision", name="pk_post_changes"),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], ondelete="CASCADE", name="fk_post_changes_post_id_posts"
        ),
    )
    op.create_table(
        "post_proposals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("before", JSONB(), nullable=False),
        sa.Column("values", JSONB(), nullable=False),
        sa.Column("accepted", JSONB()),
        sa.Column("notes", JSONB(), nullable=False),
        sa.Column("request_ids", ARRAY(sa.Uuid()), nullable=False),
        sa.Column("run_id", sa.Text()),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("decided_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_post_proposals"),
        sa.UniqueConstraint("post_id", "key", name="uq_post_proposals_post_id"),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], ondelete="CASCADE", name="fk_post_proposals_post_id_posts"
        ),
    )
    op.create_table(
        "post_runs",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("post_id", "run_id", name="pk_post_runs"),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], ondelete="CASCADE", name="fk_post_runs_post_id_posts"
        ),
    )
    op.create_table(
        "post_images",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("post_id", "sha256", name="pk_post_images"),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], ondelete="CASCADE", name="fk_post_images_post_id_posts"
        ),
    )


def downgrade() -> None:
    """Drop them."""
    for table in (
        "post_images",
        "post_runs",
        "post_proposals",
        "post_changes",
        "post_sources",
        "posts",
        "workflow_versions",
        "workflows",
        "publication_deliveries",
        "publication_events",
        "publications",
        "publishing_targets",
    ):
        op.drop_table(table)
