"""Whether a database holds anything, and taking away what is empty or has proved wrong."""

from __future__ import annotations

from sqlalchemy import Connection, exists, select, text

from zones_api.store import schema

_TABLES = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e') ORDER BY relname
"""
_DROP_EVERYTHING = """
DO $$
DECLARE
    dropping text;
BEGIN
    FOR dropping IN
        SELECT format('DROP %s IF EXISTS %I CASCADE', CASE relkind WHEN 'v' THEN 'VIEW'
            WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END, relname)
        FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')
            AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
        UNION ALL
        SELECT format('DROP ROUTINE IF EXISTS %I(%s) CASCADE', proname, pg_get_function_identity_arguments(oid))
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace
            AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
    LOOP
        EXECUTE dropping;
    END LOOP;
END $$
"""


def what_is_there(connection: Connection) -> str | None:
    """Return the name of a table that has rows or is not the register's, None if the database holds nothing."""
    own = schema.metadata.tables
    for name in connection.execute(text(_TABLES)).scalars():
        if name == "alembic_version":
            continue
        if name not in own or connection.scalar(select(exists(select(1).select_from(own[name])))):
            return str(name)
    return None


def take_away(connection: Connection) -> None:
    """Drop every table and function in the database but those of extensions, whatever is in them."""
    connection.execute(text(_DROP_EVERYTHING))
