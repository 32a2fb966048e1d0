"""Uses of a part in templates, who else may move a protected label, and indexes for long histories of tasks."""

from alembic import op

revision: str = "0024_prompts_third"
down_revision: str | None = "0023_authors_third"
branch_labels: None = None
depends_on: None = None

_UP = (
    "ALTER TABLE prompt_template_version_parts ADD COLUMN uses integer NOT NULL DEFAULT 1",
    """
    UPDATE prompt_template_version_parts p SET uses = n.uses
    FROM (
        SELECT q.template_version_id, q.part_name, jsonb_array_length(jsonb_path_query_array(
            v.messages, '$[*].content[*] ? (@.part == $name)', jsonb_build_object('name', q.part_name))) AS uses
        FROM prompt_template_version_parts q JOIN prompt_template_versions v ON v.id = q.template_version_id
    ) n
    WHERE n.template_version_id = p.template_version_id AND n.part_name = p.part_name AND n.uses <> 1
    """,
    """
    CREATE TABLE prompt_label_roles (
        label text NOT NULL,
        project_id uuid NOT NULL,
        role text NOT NULL,
        CONSTRAINT pk_prompt_label_roles PRIMARY KEY (label, project_id),
        CONSTRAINT fk_prompt_label_roles_label_prompt_protected_labels
            FOREIGN KEY (label) REFERENCES prompt_protected_labels (label) ON DELETE CASCADE,
        CONSTRAINT ck_prompt_label_roles_role CHECK (role IN ('editor', 'owner'))
    )
    """,
    "CREATE INDEX ix_tasks_project_id_status_id ON tasks (project_id, status, id)",
    "CREATE INDEX ix_tasks_project_id_model_id ON tasks (project_id, model, id)",
    "CREATE INDEX ix_tasks_project_id_used_model_id ON tasks (project_id, used_model, id)",
    """
    CREATE INDEX ix_tasks_project_id_schedule_id_id ON tasks (project_id, schedule_id, id)
        WHERE schedule_id IS NOT NULL
    """,
)


def upgrade() -> None:
    """Create them, and count."""
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    for name in ("schedule_id_id", "used_model_id", "model_id", "status_id"):
        op.execute(f"DROP INDEX ix_tasks_project_id_{name}")
    op.execute("DROP TABLE prompt_label_roles")
    op.execute("ALTER TABLE prompt_template_version_parts DROP COLUMN uses")
