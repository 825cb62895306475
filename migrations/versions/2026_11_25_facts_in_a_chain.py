"""Records in a chain of hashes, facts that the service cannot change, and the register's own data sets."""

import hashlib
import json
from itertools import groupby

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Connection

from zones_api.errors import RegisterUnavailable

revision = "0002"
down_revision = "0001"
STILL_WORKS_FOR = ()

FACTS = ("revision", "document", "data_set", "data_set_version", "zone_version", "quarantine")
"""What is written once."""

PROTECTION = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The rows of % are facts: they are never changed.', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION close_slices(ids bigint[], at bigint) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH closed AS (
        UPDATE zone_slice SET known = int8range(lower(known), at)
        WHERE id = ANY (ids) AND upper_inf(known) AND lower(known) < at
            AND at = (SELECT max(number) FROM revision)
        RETURNING 1
    )
    SELECT count(*) FROM closed
$$;
COMMENT ON FUNCTION close_slices IS 'End what is known of slices with the newest revision; how many were ended.';
REVOKE ALL ON FUNCTION close_slices FROM PUBLIC;
GRANT EXECUTE ON FUNCTION close_slices TO zones_app;
"""


def upgrade() -> None:
    require_role(op.get_bind())
    op.add_column(
        "data_set",
        sa.Column(
            "kind",
            sa.Text(),
            server_default="mirrored",
            nullable=False,
            comment="mirrored from a publisher's documents, or the register's own, changed by drafts",
        ),
    )
    op.alter_column(
        "data_set_version",
        "document_id",
        existing_type=sa.BIGINT(),
        nullable=True,
        comment="null where the register is the source",
    )
    op.add_column(
        "revision",
        sa.Column(
            "record",
            sa.LargeBinary(),
            nullable=True,
            comment="canonical JSON of what the revision is and changes, with the hash before it",
        ),
    )
    op.add_column(
        "revision", sa.Column("hash", sa.Text(), nullable=True, comment="SHA-256 of the record, hexadecimal")
    )
    record_what_was_published(op.get_bind())
    op.alter_column("revision", "record", nullable=False)
    op.alter_column("revision", "hash", nullable=False)
    op.create_unique_constraint(op.f("uq_revision_hash"), "revision", ["hash"])
    op.add_column(
        "zone_version",
        sa.Column(
            "legal_basis", sa.Text(), nullable=True, comment="what the authority that published it rests on"
        ),
    )
    op.alter_column(
        "zone_version",
        "document_id",
        existing_type=sa.BIGINT(),
        nullable=True,
        comment="null where the register is the source",
    )
    op.drop_constraint(op.f("uq_zone_version_key"), "zone_version", type_="unique")
    op.create_unique_constraint(
        "uq_zone_version_key",
        "zone_version",
        ["data_set_id", "country", "identifier", "occurrence", "revision", "version"],
    )
    protect()


def require_role(connection: Connection) -> None:
    """Roles belong to the whole cluster, so an administrator makes this one: see docs/operating.md."""
    if not connection.scalar(sa.text("SELECT 1 FROM pg_roles WHERE rolname = 'zones_app'")):
        raise RegisterUnavailable(
            "The database has no role zones_app. A superuser makes it: CREATE ROLE zones_app LOGIN"
        )


def protect() -> None:
    op.execute(PROTECTION)
    for fact in FACTS:
        op.execute(
            f"CREATE TRIGGER {fact}_is_a_fact BEFORE UPDATE OR DELETE ON {fact}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {fact}_stays BEFORE TRUNCATE ON {fact}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute("GRANT USAGE ON SCHEMA public TO zones_app")
    op.execute(f"GRANT SELECT, INSERT ON {', '.join(FACTS)}, zone_slice TO zones_app")
    op.execute("GRANT SELECT ON alembic_version TO zones_app")


def record_what_was_published(connection: Connection) -> None:
    """Give each revision so far, all of them imports, its record and the hash that chains it."""
    previous = None
    data_sets, changes = imported(connection), changed(connection)
    for row in connection.execute(
        sa.text("SELECT number, published_at, reason FROM revision ORDER BY number")
    ):
        record = {
            "revision": row.number,
            "published_at": row.published_at.isoformat(),
            "kind": "import",
            "reason": row.reason,
            "previous": previous,
            "data_sets": data_sets.get(row.number, []),
            "changes": changes.get(row.number, []),
        }
        data = canonical(record)
        previous = hashlib.sha256(data).hexdigest()
        connection.execute(
            sa.text("UPDATE revision SET record = :record, hash = :hash WHERE number = :number"),
            {"record": data, "hash": previous, "number": row.number},
        )


def imported(connection: Connection) -> dict:
    rows = connection.execute(
        sa.text(
            "SELECT v.id, v.revision, s.key, s.kind, d.digest, v.metadata, v.countries, v.zones"
            " FROM data_set_version v JOIN data_set s ON s.id = v.data_set_id JOIN document d ON d.id = v.document_id"
            " ORDER BY v.revision, s.key"
        )
    )
    found = [
        (
            row.revision,
            {
                "key": row.key,
                "kind": row.kind,
                "document": row.digest,
                "metadata": row.metadata,
                "countries": row.countries,
                "zones": row.zones,
                "quarantined": hashlib.sha256(canonical(set_aside(connection, row.id))).hexdigest(),
            },
        )
        for row in rows
    ]
    return by_revision(found)


def set_aside(connection: Connection, data_set_version_id: int) -> list:
    rows = connection.execute(
        sa.text(
            "SELECT pointer, country, identifier, published_type, bounds, defects FROM quarantine"
            " WHERE data_set_version_id = :id ORDER BY id"
        ),
        {"id": data_set_version_id},
    )
    return [dict(row) for row in rows.mappings()]


def changed(connection: Connection) -> dict:
    asserted = (
        "SELECT lower(known) AS revision, s.key, l.country, l.identifier, l.occurrence, v.content, v.format"
        " FROM zone_slice l JOIN data_set s ON s.id = l.data_set_id JOIN zone_version v ON v.id = l.zone_version_id"
    )
    withdrawn = (
        "SELECT upper(l.known), s.key, l.country, l.identifier, l.occurrence, NULL::bytea, NULL"
        " FROM zone_slice l JOIN data_set s ON s.id = l.data_set_id WHERE NOT upper_inf(l.known) AND NOT EXISTS ("
        " SELECT FROM zone_slice n WHERE (n.data_set_id, n.country, n.identifier, n.occurrence, lower(n.known))"
        " = (l.data_set_id, l.country, l.identifier, l.occurrence, upper(l.known)))"
    )
    rows = connection.execute(sa.text(f"{asserted} UNION ALL {withdrawn} ORDER BY 1, 2, 3, 4, 5"))
    found = [
        (
            row.revision,
            {
                "data_set": row.key,
                "country": row.country,
                "identifier": row.identifier,
                "occurrence": row.occurrence,
                "from": None,
                "to": None,
                "content": hashlib.sha256(row.content).hexdigest() if row.content is not None else None,
                "format": row.format,
            },
        )
        for row in rows
    ]
    return by_revision(found)


def by_revision(found: list) -> dict:
    return {number: [each for _, each in group] for number, group in groupby(found, lambda pair: pair[0])}


def canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
