"""From a command to the figure on somebody's screen: everything between them is the real thing."""

import asyncio
import contextlib
import os
import time
from bisect import bisect_left
from collections.abc import AsyncIterator

import httpx
import pytest
from lotse_local import frontend
from lotse_local.network import DEPLOY
from lotse_local.platform import Platform
from platform_runs import free_base
from playwright.async_api import Page, async_playwright

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

A_SECOND = 200
SECONDS = 60
AT_ONCE = 10
"""Commands in one request: twenty requests a second, as from many coaches and one import."""
FIGURE = "health-attendances"
NOTE_EVERY_STATE = """(figure) => {
    window.seen = [];
    const note = () => {
        const shown = document.querySelector(`#row-${figure} [data-figure]`).innerText.replace(/[^0-9]/g, "");
        window.seen.push([Date.now() / 1000, Number(shown)]);
    };
    note();
    new MutationObserver(note).observe(document.getElementById("live"), {
        subtree: true, childList: true, characterData: true,
    });
}"""


@contextlib.asynccontextmanager
async def looking(platform: Platform) -> AsyncIterator[Page]:
    """A funder in front of the report."""
    path = await asyncio.to_thread(frontend.chromium, frontend.checkout())
    async with async_playwright() as playwright:
        flags = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = await playwright.chromium.launch(executable_path=path, args=flags)
        page = await browser.new_page(locale="de-DE")
        await page.goto(platform.sign_in_link(role="funder"))
        await page.goto(f"{platform.url('reporting')}/operations/mehrlin")
        await page.wait_for_selector(f"#row-{FIGURE} [data-figure]")
        yield page
        await browser.close()


async def tell(platform: Platform) -> list[float]:
    """Tell one gathering with one head after another, at an even rate; gives when each was sent."""
    headers = {"Authorization": f"Bearer {platform.token(role='coordinator')}"}
    sent: list[float] = []
    async with httpx.AsyncClient(timeout=60, headers=headers) as client:
        began, asked = time.time(), []
        for first in range(0, A_SECOND * SECONDS, AT_ONCE):
            await asyncio.sleep(max(0.0, began + first / A_SECOND - time.time()))
            body = {"operation": "mehrlin", "partner": "spi", "kind": "health", "held_on": "2013-06-01", "unlisted": 1}
            items = [
                {"command": "hold-gathering", "key": f"bench-{first + number}", "body": body}
                for number in range(AT_ONCE)
            ]
            sent += [time.time()] * AT_ONCE
            asked.append(asyncio.create_task(client.post(f"{platform.url('coaching')}/bulk", json={"items": items})))
        for answer in await asyncio.gather(*asked):
            assert {one["status"] for one in answer.json()["results"]} == {200}, answer.text
    return sent


async def test_event_to_figure(run, figures):
    """At 200 facts a second, a figure on the screen is no more than a second behind: commands, relay, Kafka, ledger."""
    await asyncio.to_thread(run.lotse, "up", "--base-port", str(free_base()))
    await asyncio.to_thread(run.lotse, "network", "apply", str(DEPLOY / "networks" / "mehrlin.yaml"))
    await asyncio.to_thread(run.lotse, "programme", "apply", str(DEPLOY / "programmes" / "mehrlin.yaml"))
    await asyncio.to_thread(run.lotse, "wait")
    platform = Platform.read(run.home)
    async with looking(platform) as page:
        await page.evaluate(NOTE_EVERY_STATE, FIGURE)
        sent = await tell(platform)
        shown = "(all) => window.seen.at(-1)[1] >= all"
        await page.wait_for_function(shown, arg=len(sent), timeout=60_000)
        seen = await page.evaluate("window.seen")
    counts = [count for _, count in seen]
    delays = sorted(seen[bisect_left(counts, number)][0] - at for number, at in enumerate(sent, 1))
    title = f"Event to figure in the browser, {A_SECOND} facts a second"
    figures.note(title, "half of the facts are on the screen after", f"{1000 * delays[len(delays) // 2]:.0f} ms")
    figures.note(title, "99 in 100 after", f"{1000 * delays[len(delays) * 99 // 100]:.0f} ms", goal="1,000 ms")
