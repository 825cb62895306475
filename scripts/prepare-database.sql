-- What a superuser prepares in the register's database; `zones migrate` does the rest as the database's owner.
-- ZONES_APP_PASSWORD, if it is set, becomes the password of the role that the service uses.
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS btree_gist;
SELECT 'CREATE ROLE zones_app LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'zones_app')
\gexec
SELECT 'CREATE ROLE zones_police_log' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'zones_police_log')
\gexec
\getenv password ZONES_APP_PASSWORD
\if :{?password}
    ALTER ROLE zones_app PASSWORD :'password';
\endif
