"""Health and metrics of a process."""

import asyncio
from collections.abc import Awaitable, Callable

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest


def operations_router(ready: Callable[[], Awaitable[bool]], ill: Callable[[], str | None] = lambda: None) -> APIRouter:
    """Health and metrics of a process. Alive means: the event loop turns, and it has nothing to say against itself.

    `ill` says why the process makes no progress, or None; it never means that a neighbour is away.
    """
    router = APIRouter(include_in_schema=False)

    @router.get("/health/live")
    async def live() -> Response:
        why = ill()
        return JSONResponse({"status": why or "alive"}, 503 if why else 200)

    @router.get("/health/ready")
    async def is_ready() -> Response:
        try:
            async with asyncio.timeout(5):
                good = await ready()
        except Exception:  # noqa: BLE001 - whatever it is, the process cannot work now
            good = False
        return JSONResponse({"status": "ready" if good else "not ready"}, 200 if good else 503)

    @router.get("/metrics")
    async def scrape() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router
