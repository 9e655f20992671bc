"""Load from outside: a keep-alive HTTP client so thin that the server is what is measured."""

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lotse_local.kafka import answers

OK = 200


async def post(port: int, requests: Sequence[tuple[str, Any]], headers: Mapping[str, str], clients: int = 8) -> float:
    """Send JSON requests over a few connections; gives the seconds it took.

    Raises:
        RuntimeError: an answer was not 200.
    """
    queue = list(enumerate(requests))
    queue.reverse()
    common = "".join(f"{name}: {value}\r\n" for name, value in headers.items())

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while queue:
            number, (path, content) = queue.pop()
            body = json.dumps(content).encode()
            head = (
                f"POST {path} HTTP/1.1\r\nHost: bench\r\n{common}Idempotency-Key: {port}-{number}-{path}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            writer.write(head.encode() + body)
            status, length = await _answer(reader)
            answer = await reader.readexactly(length)
            if status != OK:
                raise RuntimeError(f"{path}: {status} {answer[:500]!r}")
        writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return time.perf_counter() - started


async def _answer(reader: asyncio.StreamReader) -> tuple[int, int]:
    status = int((await reader.readline()).split()[1])
    length = 0
    while line := (await reader.readline()).strip():
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return status, length


@contextmanager
def serving(command: Sequence[str], port: int, environment: Mapping[str, str], log: Path) -> Iterator[None]:
    """A server process for the time of a measurement.

    Raises:
        RuntimeError: it ended before it served; the text is what it wrote.
    """
    with log.open("wb") as out:
        process = subprocess.Popen(list(command), env=dict(environment), stdout=out, stderr=out)  # noqa: S603 - our own
        try:
            until = time.monotonic() + 30
            while not answers(port):
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(log.read_text())
                time.sleep(0.05)
            yield
        finally:
            process.terminate()
            process.wait(20)


def python() -> str:
    """The interpreter of this environment."""
    return sys.executable


def free_port() -> int:
    """A free port of the loopback address."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
