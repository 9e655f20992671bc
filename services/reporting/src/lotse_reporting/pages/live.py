"""Live figures: one listener per process hears the ledger move, every open report is told, each is rendered once.

A stream has no queue but one mark "something moved": a slow reader skips states, it never piles them up.
"""

import asyncio
import contextlib
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterator
from typing import Final

import structlog
from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse
from lotse_shared.security import Caller
from sqlalchemy.ext.asyncio import AsyncEngine

from lotse_reporting.pages.rendering import HEADERS, fragment, words_of
from lotse_reporting.pages.reports import Chosen, operation_of, see
from lotse_reporting.pages.sign_in import NOT_FOUND, PageEnds, Visitor
from lotse_reporting.store import CHANNEL, snapshot

COALESCE: Final = 0.25
"""Seconds between two states of one stream, at least."""
KEEP_ALIVE: Final = 15.0
"""Seconds after which a stream says something even when nothing moved: proxies cut silent ones."""
LASTS: Final = 900.0
"""Seconds after which a stream ends; the browser opens the next one, and its session is looked at again."""
_LOOK_UP: Final = 0.5
_KEPT: Final = 200

router = APIRouter(include_in_schema=False)
log = structlog.get_logger()


class Live:
    """The one listener of a process, while anybody looks."""

    def __init__(self, engine: AsyncEngine, stopping: Callable[[], bool]) -> None:
        self._engine = engine
        self._stopping = stopping
        self._moves: Counter[str] = Counter()
        self._watchers: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._rendered: dict[Hashable, tuple[Hashable, asyncio.Task[str]]] = {}
        self._listener: asyncio.Task[None] | None = None
        self.ended = False

    @contextlib.contextmanager
    def watching(self, operation: str) -> Iterator[asyncio.Event]:
        """A mark that is set when the operation's figures may have moved."""
        moved = asyncio.Event()
        self._watchers[operation].add(moved)
        if self._listener is None or self._listener.done():
            self._listener = asyncio.create_task(self._listen(), name="live")
        try:
            yield moved
        finally:
            self._watchers[operation].discard(moved)
            if not self._watchers[operation]:
                del self._watchers[operation]

    async def shared(self, operation: str, key: Hashable, render: Callable[[], Awaitable[str]]) -> str:
        """What `render` makes of the present state; made once for all streams of the same key."""
        state = (self._moves[operation], int(asyncio.get_running_loop().time() / KEEP_ALIVE))
        made, task = self._rendered.get(key, (None, None))
        if task is None or made != state:
            if len(self._rendered) >= _KEPT:
                self._rendered.clear()
            task = asyncio.ensure_future(render())
            self._rendered[key] = (state, task)
        try:
            return await asyncio.shield(task)
        except Exception:
            self._rendered.pop(key, None)
            raise

    async def _listen(self) -> None:
        while self._watchers and not self.ended:
            try:
                await self._listen_once()
            except Exception as error:  # noqa: BLE001 - the database is away: it comes back
                log.warning("live listener begins again", reason=type(error).__name__)
                await asyncio.sleep(1)
        self._rendered.clear()

    async def _listen_once(self) -> None:
        async with self._engine.connect() as raw:
            connection = await raw.execution_options(isolation_level="AUTOCOMMIT")
            driver = (await connection.get_raw_connection()).driver_connection
            await driver.add_listener(CHANNEL, self._hear)  # type: ignore[union-attr] # asyncpg's connection
            try:
                self._wake(list(self._watchers))  # what moved while nobody listened
                while self._watchers and not driver.is_closed():  # type: ignore[union-attr] # the same
                    if self._stopping():
                        self.ended = True
                        self._wake(list(self._watchers))
                        return
                    await asyncio.sleep(_LOOK_UP)
            finally:
                with contextlib.suppress(Exception):
                    await driver.remove_listener(CHANNEL, self._hear)  # type: ignore[union-attr] # the same

    def _hear(self, _connection: object, _pid: int, _channel: str, payload: str) -> None:
        """The payload names the operations that moved, separated by spaces."""
        self._wake(payload.split())

    def _wake(self, operations: list[str]) -> None:
        for operation in operations:
            if operation in self._watchers:
                self._moves[operation] += 1
                for moved in self._watchers[operation]:
                    moved.set()


def live_of(request: Request) -> Live:
    """The process's listener."""
    state = request.app.state
    if not hasattr(state, "live"):
        state.live = Live(state.engine, getattr(state, "stopping", lambda: False))
    return state.live  # type: ignore[no-any-return] # Starlette's state is untyped


async def allowed(request: Request, operation: str, who: Visitor) -> Caller:
    """Whether the visitor may see the operation; asked before the stream begins, on a connection of its own."""
    async with snapshot(request.app.state.engine) as connection:
        await operation_of(connection, operation, who)
    return who


@router.get("/operations/{operation}/stream", dependencies=[Depends(allowed)])
async def stream(request: Request, operation: str, chosen: Chosen) -> StreamingResponse:
    """The report's table, again whenever it moved."""
    if not chosen.live:
        raise PageEnds(*NOT_FOUND)
    live, words = live_of(request), words_of(request)

    async def render() -> str:
        async with snapshot(request.app.state.engine) as connection:
            seen = await see(connection, operation, chosen)
        return fragment(words, "figures.html", operation=operation, chosen=chosen, seen=seen) if seen.answer else ""

    async def states() -> AsyncIterator[str]:
        loop = asyncio.get_running_loop()
        until, sent, number = loop.time() + LASTS, None, 0
        with live.watching(operation) as moved:
            while loop.time() < until and not live.ended:
                moved.clear()
                text = await live.shared(operation, (operation, chosen, words), render)
                number += 1
                yield ": nothing moved\n\n" if text in ("", sent) else _message(number, text)
                sent, at = text, loop.time()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(moved.wait(), KEEP_ALIVE)
                await asyncio.sleep(max(0.0, at + COALESCE - loop.time()))

    return StreamingResponse(states(), media_type="text/event-stream", headers={**HEADERS, "X-Accel-Buffering": "no"})


def _message(number: int, text: str) -> str:
    lines = "".join(f"data: {line}\n" for line in text.splitlines())
    return f"id: {number}\n{lines}\n"
