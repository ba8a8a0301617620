-- After every migration, as hwadmin_owner:  psql --dbname hwadmin --file deploy/postgresql/grants.sql
--
-- What the product may do with each table. Run again, it says the same again.

\set ON_ERROR_STOP on
BEGIN;
-- One after the other: of two machines that start at the same moment one would fail.
LOCK TABLE alembic_version IN SHARE ROW EXCLUSIVE MODE;

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, hwadmin_runtime;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, hwadmin_runtime;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO hwadmin_runtime;
-- SELECT is for backups.
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO hwadmin_runtime;

-- The audit trail: read and added to. The chain is written by the owner's trigger alone.
REVOKE UPDATE, DELETE ON audit_event, audit_redaction FROM hwadmin_runtime;
REVOKE INSERT, UPDATE, DELETE ON audit_link, audit_tail FROM hwadmin_runtime;
-- Anonymizing takes a person's name out of events; the trigger lets it pass only where a redaction was declared.
GRANT UPDATE (actor_name, account_name, summary, reason, details, salt, redaction_id)
    ON audit_event TO hwadmin_runtime;
-- Which migration the schema is at is the owner's to say.
REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM hwadmin_runtime;

COMMIT;
