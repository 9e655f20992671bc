"""The least that a command could be: the same SQL as a command of ours, behind a bare FastAPI endpoint.

Started as a process of its own: `python bare_endpoint.py DATABASE_URL PORT`.
"""

import json
import sys
import uuid
from typing import Annotated

import uvicorn
from fastapi import FastAPI, Header
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

app = FastAPI()
engine = create_async_engine(sys.argv[1], pool_size=8, connect_args={"server_settings": {"search_path": "intake"}})


class Visit(BaseModel):
    """A visit, as a command of ours takes it."""

    held_on: str
    minutes: int


@app.post("/cases/{case}/hold-visit")
async def hold_visit(case: str, visit: Visit, key: Annotated[str, Header(alias="Idempotency-Key")]) -> dict[str, str]:
    """Lock the case, look for the key, write state, key and outbox row."""
    async with engine.begin() as connection:
        await connection.execute(
            text("select answer from bare_command where partner = 'spi' and key = :key"), {"key": key}
        )
        row = await connection.execute(
            text("select state, sequence from bare_subject where id = :id for update"), {"id": case}
        )
        sequence = row.one().sequence + 1
        await connection.execute(
            text("update bare_subject set state = cast(:state as jsonb), sequence = :sequence where id = :id"),
            {"id": case, "state": json.dumps({"last": visit.held_on}), "sequence": sequence},
        )
        identity = str(uuid.uuid4())
        await connection.execute(
            text("""
                insert into bare_outbox (id, subject, headers, value)
                values (cast(:id as uuid), :case, cast(:headers as jsonb), :value)"""),
            {
                "id": identity,
                "case": case,
                "headers": json.dumps([["ce_id", identity], ["ce_type", "visit-held.v1"]]),
                "value": visit.model_dump_json().encode(),
            },
        )
        await connection.execute(
            text("insert into bare_command values ('spi', :key, ''::bytea, :case, cast(:answer as json))"),
            {"key": key, "case": case, "answer": json.dumps({"fact": identity})},
        )
    return {"fact": identity}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_config=None, access_log=False)
