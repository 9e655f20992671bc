"""Settings of a service: environment variables with the prefix LOTSE_, read once at start."""

from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, PostgresDsn, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

WRONG_SETTINGS: Final = 78
"""Exit code of a process that refuses to start because of its settings (EX_CONFIG)."""


class Settings(BaseSettings):
    """What a process needs to know about the world. Nothing here is guessed from the machine."""

    model_config = SettingsConfigDict(env_prefix="LOTSE_", hide_input_in_errors=True, extra="ignore")

    database_url: PostgresDsn = PostgresDsn("postgresql+asyncpg://127.0.0.1/lotse")
    """As the service's working role, which owns nothing."""
    owner_database_url: PostgresDsn | None = None
    """As the role that owns the schema; used by `migrate` alone."""
    kafka: Annotated[list[str], NoDecode] = ["127.0.0.1:9092"]
    topic: str = "lotse.facts"
    """Another network or tenant is another topic."""
    partitions: Annotated[int, Field(ge=1)] = 12
    replication: Annotated[int, Field(ge=1)] = 1
    min_insync: Annotated[int, Field(ge=1)] = 1
    retention_days: Annotated[int, Field(ge=1)] = 35
    host: str = "127.0.0.1"
    port: int = 8000
    token_public_key_file: Path | None = None
    vault_key_file: Path | None = None
    pseudonym_key_file: Path | None = None
    """What a funder sees instead of people is made with this key (32 bytes in base64); reporting's alone."""
    play: bool = False
    """Allows a local play to move the clock of an operation, only forwards."""
    log_level: str = "INFO"
    pool: Annotated[int, Field(ge=1)] = 8
    """Database connections a process keeps."""
    stuck_after: Annotated[float, Field(gt=0)] = 60.0
    """Seconds without progress, while there is something to do, after which a worker's liveness turns red."""

    @field_validator("kafka", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """A comma separated list; the client library would not split it."""
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
