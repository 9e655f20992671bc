"""The walls inside one PostgreSQL: between services by roles, between partners by row-level security."""

import asyncpg
import pytest
from lotse_local.postgres import SERVICES
from lotse_local.testing import TestDatabase

DECIDING = ["intake", "matching", "coaching"]


def dsn(address: str) -> str:
    """As asyncpg takes it."""
    return address.replace("postgresql+asyncpg://", "postgresql://")


@pytest.fixture
def all_services(database: TestDatabase, migrated) -> TestDatabase:
    """One database with the tables of every service, each made by its own migrations."""
    for service in SERVICES:
        migrated(service)
    return database


@pytest.fixture
async def admin(all_services: TestDatabase):
    """The superuser, who sees the catalogue and all rows."""
    connection = await all_services.server.connect(all_services.name)
    yield connection
    await connection.close()


async def tables_of(admin: asyncpg.Connection, service: str) -> list[str]:
    """Every table, view and sequence of a schema."""
    found = await admin.fetch(
        "select relname from pg_class where relnamespace = $1::regnamespace and relkind = any('{r,p,v,m,S}')",
        service,
    )
    return [row["relname"] for row in found]


async def test_a_services_role_can_read_nothing_of_the_others(all_services, admin):
    """For each of the four by four pairs: with the real password one's own tables answer, all others are refused."""
    tables = {service: await tables_of(admin, service) for service in SERVICES}
    assert all(len(found) > 5 for found in tables.values())
    for service in SERVICES:
        for role in (all_services.url(service), all_services.owner_url(service)):
            connection = await asyncpg.connect(dsn(role))
            try:
                assert await connection.fetchval(f"select count(*) from {service}.outbox") == 0  # noqa: S608 - ours
                for other in SERVICES:
                    if other == service:
                        continue
                    for table in tables[other]:
                        with pytest.raises(asyncpg.InsufficientPrivilegeError):
                            await connection.fetch(f"select * from {other}.{table} limit 1")  # noqa: S608 - ours
                    for statement in (
                        f"create table {other}.intruder ()",
                        f"insert into {other}.clock (operation, now) values ('x', now())",  # noqa: S608 - ours
                        f"set role lotse_{other}",
                    ):
                        with pytest.raises(asyncpg.InsufficientPrivilegeError):
                            await connection.execute(statement)
            finally:
                await connection.close()


async def test_a_wrong_password_is_refused(all_services):
    """Every connection needs its role's own password; another service's is not good enough."""
    for service, other in zip(SERVICES, SERVICES[1:] + SERVICES[:1], strict=True):
        right, foreign = dsn(all_services.url(service)), dsn(all_services.url(other))
        password = foreign.split(":")[2].split("@")[0]
        wrong = right.replace(right.split(":")[2].split("@")[0], password)
        for address in (wrong, right.replace(f"lotse_{service}:", f"lotse_{service}:x")):
            with pytest.raises(asyncpg.InvalidPasswordError):
                await asyncpg.connect(address)


async def test_every_table_with_partners_has_its_wall(admin):
    """Whatever names partners, and the vault, has row-level security, forced on the owner too, with a policy.

    Not so in reporting: its figures are sums over all partners, and its rows open by the application's check alone.
    """
    found = await admin.fetch("""
        select c.relnamespace::regnamespace::text as service, c.relname, c.relrowsecurity, c.relforcerowsecurity,
               (select count(*) from pg_policy p where p.polrelid = c.oid) as policies
        from pg_class c
        where c.relkind in ('r', 'p') and c.relnamespace::regnamespace::text = any($1)
        and (c.relname = 'vault' or exists (
            select from pg_attribute a where a.attrelid = c.oid and a.attname in ('partner', 'partners')
            and not a.attisdropped))
        and not c.relispartition""", DECIDING)  # fmt: skip
    walls = {(row["service"], row["relname"]): row for row in found}

    assert {("intake", "subject"), ("intake", "command"), ("intake", "vault"), ("matching", "subject")} <= set(walls)
    open_tables = [
        name
        for name, row in walls.items()
        if not (row["relrowsecurity"] and row["relforcerowsecurity"] and row["policies"])
    ]
    assert open_tables == []


async def test_no_role_of_a_service_can_go_round_the_wall(admin):
    """Working roles own nothing, bypass nothing, inherit nothing; no view or function runs with its owner's rights."""
    roles = [f"lotse_{service}" for service in SERVICES]
    assert await admin.fetch(
        "select rolname from pg_roles where rolname = any($1) and (rolsuper or rolbypassrls or rolcreaterole)", roles
    ) == []  # fmt: skip
    assert await admin.fetch(
        "select relname from pg_class where pg_get_userbyid(relowner) = any($1)", roles
    ) == []  # fmt: skip
    assert await admin.fetch(
        "select 1 from pg_auth_members m join pg_roles r on r.oid = m.member where r.rolname like 'lotse%'"
        " and r.rolname <> 'lotse_admin'"
    ) == []  # fmt: skip
    assert await admin.fetch(
        """select relname from pg_class where relkind = 'v' and relnamespace::regnamespace::text = any($1)
           and not coalesce(reloptions @> array['security_invoker=true'], false)""",
        list(SERVICES),
    ) == []  # fmt: skip
    assert await admin.fetch(
        "select proname from pg_proc where prosecdef and pronamespace::regnamespace::text = any($1)", list(SERVICES)
    ) == []  # fmt: skip


@pytest.mark.parametrize("setting", [None, ""])
async def test_a_connection_that_names_no_partner_sees_nothing(all_services, admin, setting):
    """Unset, and empty as after a transaction in a pooled connection: neither shows a row."""
    await admin.execute(
        "insert into intake.subject (id, kind, operation, partners, state) values ('a', 'case', 'o', '{spi}', '{}'),"
        "('b', 'case', 'o', '{*}', '{}')"
    )
    connection = await asyncpg.connect(dsn(all_services.url("intake")))
    try:
        if setting is not None:
            await connection.execute("set lotse.partner = ''")
        assert await connection.fetch("select id from intake.subject") == []
        await connection.execute("set lotse.partner = 'spi'")
        assert [row["id"] for row in await connection.fetch("select id from intake.subject order by id")] == ["a", "b"]
        await connection.execute("set lotse.partner = 'bbi'")
        assert [row["id"] for row in await connection.fetch("select id from intake.subject")] == ["b"]
    finally:
        await connection.close()
