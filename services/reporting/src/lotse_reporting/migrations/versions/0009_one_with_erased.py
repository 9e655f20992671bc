"""Who was one with an erased person for a while: what was counted of them until then is given, and goes on anew."""

from alembic import op

revision = "0009"
down_revision = "0008"

KEPT = """(new.id, new.build, new.indicator, new.operation, new.unit, new.partner, new.site, new.gender, new.effective,
                new.quantity, new.known_from)
                is not distinct from
                (old.id, old.build, old.indicator, old.operation, old.unit, old.partner, old.site, old.gender,
                old.effective, old.quantity, old.known_from)"""


def upgrade() -> None:
    op.execute("alter table reporting.unit add column given_until bigint")
    op.execute(f"""
        create or replace function reporting.guard_entry() returns trigger language plpgsql as $$
        begin
            if tg_op = 'DELETE' then
                if exists (select from reporting.build where number = old.build and state = 'retired') then
                    return old;
                end if;
                raise exception 'entries of the ledger are never deleted';
            end if;
            if old.known_until is null and new.known_until is not null
                and (new.key, new.event_ids) is not distinct from (old.key, old.event_ids) and {KEPT} then
                return new;
            end if;
            if new.event_ids <@ old.event_ids and new.event_ids <> old.event_ids
                and new.key = reporting.left_of_key(old.key)
                and new.known_until is not distinct from old.known_until and {KEPT}
                and exists (
                    select from reporting.unit where id = old.unit
                    and ((settled is not null and new.event_ids = '{{}}') or given_until > old.known_from)) then
                return new;
            end if;
            raise exception 'an entry of the ledger changes when an open one is closed, and when its person was erased';
        end $$""")  # noqa: S608 - constants


def downgrade() -> None:
    raise NotImplementedError("what was emptied does not come back: restore a backup instead")
