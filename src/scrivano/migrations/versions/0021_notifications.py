"""Tables of `notifications`: what people are told, webhooks, and what is to be sent to them."""

from alembic import op

revision: str = "0021_notifications"
down_revision: str | None = "0020_books_second"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them, and the trigger that notes the end of a run in the very transaction that ends it."""
    op.execute(
        """
        CREATE TABLE notifications (
            id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_notifications PRIMARY KEY,
            project_id uuid NOT NULL,
            person_id uuid,
            kind text NOT NULL,
            data jsonb NOT NULL,
            created_at timestamptz NOT NULL DEFAULT clock_timestamp()
        );
        CREATE INDEX ix_notifications_project_id ON notifications (project_id, id);
        CREATE INDEX ix_notifications_person_id ON notifications (person_id, id);
        CREATE INDEX ix_notifications_created_at ON notifications (created_at);
        CREATE TABLE notification_reads (
            notification_id bigint NOT NULL CONSTRAINT fk_notification_reads_notification_id_notifications
                REFERENCES notifications (id) ON DELETE CASCADE,
            reader uuid NOT NULL,
            read_at timestamptz NOT NULL,
            CONSTRAINT pk_notification_reads PRIMARY KEY (notification_id, reader)
        );
        CREATE TABLE webhooks (
            id uuid CONSTRAINT pk_webhooks PRIMARY KEY,
            project_id uuid NOT NULL DEFAULT '00000000-0000-7000-8000-000000000001',
            url text NOT NULL,
            description text NOT NULL,
            events text[] NOT NULL,
            secret bytea NOT NULL,
            old_secret bytea,
            old_secret_until timestamptz,
            enabled boolean NOT NULL,
            disabled_reason text,
            created_by uuid,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL
        );
        CREATE INDEX ix_webhooks_project_id ON webhooks (project_id);
        CREATE TABLE webhook_deliveries (
            id uuid CONSTRAINT pk_webhook_deliveries PRIMARY KEY DEFAULT gen_random_uuid(),
            webhook_id uuid NOT NULL CONSTRAINT fk_webhook_deliveries_webhook_id_webhooks
                REFERENCES webhooks (id) ON DELETE CASCADE,
            event text NOT NULL,
            data jsonb NOT NULL,
            status text NOT NULL DEFAULT 'pending' CONSTRAINT ck_webhook_deliveries_status
                CHECK (status IN ('pending', 'delivered', 'failed')),
            tries integer NOT NULL DEFAULT 0,
            due_at timestamptz DEFAULT clock_timestamp(),
            created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            finished_at timestamptz
        );
        CREATE INDEX ix_webhook_deliveries_webhook_id ON webhook_deliveries (webhook_id, created_at);
        CREATE INDEX ix_webhook_deliveries_due_at ON webhook_deliveries (due_at) WHERE status = 'pending';
        CREATE TABLE webhook_attempts (
            delivery_id uuid NOT NULL CONSTRAINT fk_webhook_attempts_delivery_id_webhook_deliveries
                REFERENCES webhook_deliveries (id) ON DELETE CASCADE,
            number integer NOT NULL,
            begun_at timestamptz NOT NULL,
            seconds double precision,
            status_code integer,
            answer text NOT NULL DEFAULT '',
            error text,
            CONSTRAINT pk_webhook_attempts PRIMARY KEY (delivery_id, number)
        );

        -- Tell a project, or one person in it: a notification, and a delivery for each webhook that wants the event.
        -- The project's topic is locked before the person's, always in this order.
        CREATE FUNCTION notifications_tell(project uuid, person uuid, kind text, data jsonb) RETURNS void
        LANGUAGE plpgsql AS $$
        DECLARE
            told bigint;
            sent integer;
        BEGIN
            INSERT INTO notifications (project_id, person_id, kind, data)
            VALUES (project, person, notifications_tell.kind, notifications_tell.data) RETURNING id INTO told;
            INSERT INTO webhook_deliveries (webhook_id, event, data)
            SELECT w.id, notifications_tell.kind, notifications_tell.data FROM webhooks w
            WHERE w.project_id = project AND w.enabled AND notifications_tell.kind = ANY (w.events);
            GET DIAGNOSTICS sent = ROW_COUNT;
            IF sent > 0 THEN
                PERFORM pg_notify('scrivano_webhooks', '');
            END IF;
            IF person IS NULL THEN
                PERFORM events_append(ARRAY['project:' || project], 'notification',
                    jsonb_build_object('notification_id', told, 'about', notifications_tell.kind));
            END IF;
            PERFORM events_append(
                ARRAY['person:' || coalesce(person, '00000000-0000-0000-0000-000000000000')], 'notification',
                jsonb_build_object('notification_id', told, 'about', notifications_tell.kind,
                    'project_id', project));
        END $$;

        CREATE FUNCTION notifications_follow_runs() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            uuid_like CONSTANT text := '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';
            has_ended boolean := NEW.status IN ('succeeded', 'failed', 'cancelled');
        BEGIN
            IF has_ended AND NEW.status <> OLD.status THEN
                -- Reading a reference has an event of its own.
                IF NEW.pipeline = 'read_reference' THEN
                    RETURN NULL;
                END IF;
            ELSIF NEW.waiting_for IS NULL OR NEW.waiting_for IS NOT DISTINCT FROM OLD.waiting_for OR has_ended THEN
                RETURN NULL;
            END IF;
            PERFORM notifications_tell(
                CASE WHEN NEW.project_id ~ uuid_like THEN CAST(NEW.project_id AS uuid)
                    ELSE '00000000-0000-7000-8000-000000000001' END,
                CASE WHEN NEW.user_id ~ uuid_like THEN CAST(NEW.user_id AS uuid) END,
                'run.' || CASE WHEN has_ended THEN NEW.status ELSE 'waiting' END,
                jsonb_build_object('run_id', NEW.id, 'pipeline', NEW.pipeline, 'waiting_for', NEW.waiting_for)
            );
            RETURN NULL;
        END $$;
        CREATE TRIGGER notifications_follow_runs AFTER UPDATE OF status, waiting_for ON runs
        FOR EACH ROW EXECUTE FUNCTION notifications_follow_runs();
        """
    )


def downgrade() -> None:
    """Drop them."""
    op.execute(
        "DROP TRIGGER notifications_follow_runs ON runs; DROP FUNCTION notifications_follow_runs();"
        " DROP FUNCTION notifications_tell(uuid, uuid, text, jsonb); DROP TABLE webhook_attempts;"
        " DROP TABLE webhook_deliveries; DROP TABLE webhooks; DROP TABLE notification_reads;"
        " DROP TABLE notifications"
    )
