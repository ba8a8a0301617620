#!/bin/sh
# Run once by the database's image when its volume is new: the passwords of the two roles, from the secrets.
set -eu
psql --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname hwadmin \
    --set owner="$(cat /run/secrets/owner_password)" --set runtime="$(cat /run/secrets/runtime_password)" <<'SQL'
ALTER ROLE hwadmin_owner PASSWORD :'owner';
ALTER ROLE hwadmin_runtime PASSWORD :'runtime';
SQL
