"""Tables of `runs`."""

from alembic import op

revision: str = "0002_runs"
down_revision: str | None = "0001_events"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them, and the function that follows DBOS's table of workflows.

    As a trigger there, it changes a run's status and tells of it in the very transaction that changes the
    workflow's. The trigger itself is made by `runs.schema`, once DBOS has made its tables.
    """
    op.execute(
        """
        CREATE TABLE runs (
            id text CONSTRAINT pk_runs PRIMARY KEY,
            pipeline text NOT NULL,
            status text NOT NULL DEFAULT 'queued' CONSTRAINT ck_runs_status
                CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
            input jsonb NOT NULL,
            project_id text,
            user_id text,
            forked_from text,
            waiting_for text,
            created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            started_at timestamptz,
            finished_at timestamptz
        );
        CREATE INDEX ix_runs_created_at ON runs (created_at DESC);
        CREATE INDEX ix_runs_project_id ON runs (project_id, created_at DESC);
        CREATE TABLE runs_gates (
            workflow_id text NOT NULL,
            number integer NOT NULL,
            run_id text NOT NULL CONSTRAINT fk_runs_gates_run_id_runs REFERENCES runs ON DELETE CASCADE,
            gate text NOT NULL,
            question jsonb,
            asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            approved boolean,
            data jsonb,
            decided_at timestamptz,
            CONSTRAINT pk_runs_gates PRIMARY KEY (workflow_id, number)
        );
        CREATE INDEX ix_runs_gates_run_id ON runs_gates (run_id);
        CREATE TABLE runs_executors (
            id text CONSTRAINT pk_runs_executors PRIMARY KEY,
            lock_key bigint NOT NULL,
            version text NOT NULL,
            host text NOT NULL,
            pid integer NOT NULL,
            process text NOT NULL,
            started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            heartbeat_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            released_at timestamptz
        );
        CREATE FUNCTION runs_follow_workflow() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            now_is text := CASE NEW.status
                WHEN 'ENQUEUED' THEN 'queued' WHEN 'DELAYED' THEN 'queued' WHEN 'PENDING' THEN 'running'
                WHEN 'SUCCESS' THEN 'succeeded' WHEN 'CANCELLED' THEN 'cancelled' ELSE 'failed' END;
            has_ended boolean := now_is IN ('succeeded', 'failed', 'cancelled');
            project text;
        BEGIN
            IF TG_OP = 'UPDATE' AND NEW.status = OLD.status THEN
                RETURN NULL;
            END IF;
            IF TG_OP = 'INSERT' AND NEW.forked_from IS NOT NULL THEN
                INSERT INTO runs (id, pipeline, input, project_id, user_id, forked_from)
                SELECT NEW.workflow_uuid, pipeline, input, project_id, user_id, id
                FROM runs WHERE id = NEW.forked_from
                ON CONFLICT DO NOTHING;
            END IF;
            UPDATE runs SET
                status = now_is,
                started_at = CASE WHEN now_is = 'running' THEN coalesce(started_at, clock_timestamp())
                    ELSE started_at END,
                finished_at = CASE WHEN has_ended THEN clock_timestamp() END,
                waiting_for = CASE WHEN has_ended THEN NULL ELSE waiting_for END
            WHERE id = NEW.workflow_uuid
            RETURNING project_id INTO project;
            IF FOUND THEN
                PERFORM events_append(
                    array_remove(ARRAY['run:' || NEW.workflow_uuid, 'project:' || project], NULL),
                    'run_' || now_is,
                    jsonb_build_object('run_id', NEW.workflow_uuid)
                );
                IF now_is = 'cancelled' THEN
                    PERFORM pg_notify('scrivano_cancelled', NEW.workflow_uuid);
                END IF;
            END IF;
            RETURN NULL;
        END $$;
        """
    )


def downgrade() -> None:
    """Drop them."""
    op.execute(
        "DROP FUNCTION runs_follow_workflow() CASCADE;"
        " DROP TABLE runs_executors; DROP TABLE runs_gates; DROP TABLE runs"
    )
