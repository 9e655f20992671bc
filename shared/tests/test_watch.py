"""An event loop that is blocked ends its process: from inside, nothing else could."""

import asyncio
import contextlib
import threading
import time

from lotse_shared.watch import LoopGuard


async def test_a_blocked_event_loop_is_noticed():
    """A call that never gives the loop back is noticed by the guard's thread, and the process is ended."""
    ended = threading.Event()
    turning = asyncio.create_task(LoopGuard(0.2, ended.set).turn())
    await asyncio.sleep(0)

    began = time.monotonic()
    assert ended.wait(10)  # blocks this loop, as a hung handler would

    assert time.monotonic() - began >= 0.2
    turning.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await turning


async def test_a_loop_that_turns_is_left_alone():
    """While the loop turns, however long, nothing is ended; when the worker stops, the thread goes."""
    ended = threading.Event()
    turning = asyncio.create_task(LoopGuard(0.2, ended.set).turn())
    until = time.monotonic() + 0.6
    while time.monotonic() < until:  # noqa: ASYNC110 - the time that passes is what is tested
        await asyncio.sleep(0.01)
    turning.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await turning

    async with asyncio.timeout(30):
        while any(one.name == "loop-guard" for one in threading.enumerate()):  # noqa: ASYNC110 - a thread ends
            await asyncio.sleep(0.01)
    assert not ended.is_set()
