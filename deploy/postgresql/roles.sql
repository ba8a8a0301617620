-- Once, as a superuser, in the new database:  psql --dbname hwadmin --file deploy/postgresql/roles.sql
--
-- hwadmin_owner owns the tables and runs the migrations. hwadmin_runtime is what the product runs as: it can neither
-- become the owner nor make objects of its own, so it cannot get past the guards of the audit trail.
-- Give both a password (ALTER ROLE … PASSWORD …) or another way to sign in, by pg_hba.conf.

\set ON_ERROR_STOP on
BEGIN;

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'hwadmin_owner') THEN
        CREATE ROLE hwadmin_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'hwadmin_runtime') THEN
        CREATE ROLE hwadmin_runtime LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT;
    END IF;
    EXECUTE format('ALTER DATABASE %I OWNER TO hwadmin_owner', current_database());
    -- Temporary tables hide the real ones from whatever looks a name up without its schema.
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO hwadmin_runtime', current_database());
END $$;

ALTER SCHEMA public OWNER TO hwadmin_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO hwadmin_runtime;

COMMIT;
