"""The tables of the bare endpoint: those a command of ours writes, and no more."""

TABLES = """
create table bare_subject (id text primary key, state jsonb not null, sequence bigint not null);
create table bare_command (
    partner text, key text, digest bytea, subject text, answer json, primary key (partner, key));
create table bare_outbox (position bigserial primary key, id uuid unique, subject text, headers jsonb, value bytea);
"""
