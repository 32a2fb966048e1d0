"""Tables of `tasks`: tasks, datasets with their items, evaluations, schedules."""

from alembic import op

revision: str = "0016_tasks"
down_revision: str | None = "0015_prompts_second"
branch_labels: None = None
depends_on: None = None

_PROJECT = "uuid NOT NULL DEFAULT '00000000-0000-7000-8000-000000000001'"

_UP = (
    f"""
    CREATE TABLE task_datasets (
        id uuid NOT NULL,
        project_id {_PROJECT},
        name text NOT NULL,
        description text NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT pk_task_datasets PRIMARY KEY (id),
        CONSTRAINT uq_task_datasets_project_id_name UNIQUE (project_id, name)
    )
    """,
    """
    CREATE TABLE task_dataset_items (
        dataset_id uuid NOT NULL,
        position integer NOT NULL,
        name text NOT NULL,
        variables jsonb NOT NULL,
        expectations jsonb NOT NULL,
        CONSTRAINT pk_task_dataset_items PRIMARY KEY (dataset_id, position),
        CONSTRAINT fk_task_dataset_items_dataset_id_task_datasets
            FOREIGN KEY (dataset_id) REFERENCES task_datasets (id) ON DELETE CASCADE
    )
    """,
    f"""
    CREATE TABLE task_evaluations (
        id uuid NOT NULL,
        project_id {_PROJECT},
        dataset_id uuid NOT NULL,
        template_name text NOT NULL,
        variants jsonb NOT NULL,
        items jsonb NOT NULL,
        judge text NOT NULL,
        status text NOT NULL,
        run_id text NOT NULL,
        scores jsonb,
        created_at timestamptz NOT NULL,
        finished_at timestamptz,
        CONSTRAINT pk_task_evaluations PRIMARY KEY (id),
        CONSTRAINT fk_task_evaluations_dataset_id_task_datasets
            FOREIGN KEY (dataset_id) REFERENCES task_datasets (id) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX ix_task_evaluations_dataset_id ON task_evaluations (dataset_id)",
    f"""
    CREATE TABLE task_schedules (
        id uuid NOT NULL,
        project_id {_PROJECT},
        name text NOT NULL,
        cron text NOT NULL,
        timezone text NOT NULL,
        task jsonb NOT NULL,
        active boolean NOT NULL,
        next_at timestamptz NOT NULL,
        last_at timestamptz,
        last_task_id uuid,
        fault text,
        created_at timestamptz NOT NULL,
        CONSTRAINT pk_task_schedules PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_task_schedules_due ON task_schedules (next_at) WHERE active",
    f"""
    CREATE TABLE tasks (
        id uuid NOT NULL,
        project_id {_PROJECT},
        user_id uuid,
        name text NOT NULL,
        template_name text,
        version_id uuid,
        version integer,
        messages jsonb,
        variables jsonb NOT NULL,
        inputs jsonb NOT NULL,
        resolved jsonb,
        model text NOT NULL,
        settings jsonb NOT NULL,
        sink jsonb,
        receipt jsonb,
        expected_hash text,
        prompt_hash text,
        status text NOT NULL,
        run_id text,
        parent_id uuid,
        group_id uuid,
        schedule_id uuid,
        input_index integer,
        variant_index integer,
        variant text,
        result text,
        value jsonb,
        request_id uuid,
        used_model text,
        used_provider text,
        prompt_tokens integer,
        completion_tokens integer,
        cost numeric(24, 9),
        seconds double precision,
        error jsonb,
        rating smallint,
        comment text NOT NULL DEFAULT '',
        score double precision,
        checks jsonb,
        created_at timestamptz NOT NULL,
        started_at timestamptz,
        finished_at timestamptz,
        search tsvector NOT NULL DEFAULT ''::tsvector,
        CONSTRAINT pk_tasks PRIMARY KEY (id),
        CONSTRAINT ck_tasks_status
            CHECK (status IN ('created', 'queued', 'running', 'succeeded', 'failed', 'cancelled')),
        CONSTRAINT ck_tasks_rating CHECK (rating BETWEEN 1 AND 5)
    )
    """,
    "CREATE INDEX ix_tasks_project_id_id ON tasks (project_id, id)",
    "CREATE INDEX ix_tasks_project_id_template_name_id ON tasks (project_id, template_name, id)",
    "CREATE INDEX ix_tasks_group_id ON tasks (group_id)",
    "CREATE INDEX ix_tasks_run_id ON tasks (run_id)",
    "CREATE INDEX ix_tasks_search ON tasks USING gin (search)",
)


def upgrade() -> None:
    """Create them."""
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP TABLE tasks, task_schedules, task_evaluations, task_dataset_items, task_datasets")
