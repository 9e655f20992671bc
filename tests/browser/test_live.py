"""The report moves while one looks at it: from a fact taken in to the figure on the screen."""

import time

import pytest

pytestmark = pytest.mark.browser

COUNT_SPOKEN = """() => {
    window.spoken = 0;
    new MutationObserver(() => window.spoken++).observe(document.getElementById("announcer"), {childList: true});
}"""
SPOKEN_EVERY = 30
"""Seconds: a screen reader must not be talked over (live.js)."""
SHOWS = "([id, want]) => document.querySelector(`#row-${id} [data-figure]`).innerText.trim() === want"


async def test_a_new_fact_moves_the_figure_while_one_looks(site, visit, record_property):
    """Each fact is seen without loading the page again; the focus stays, and a screen reader hears of it once.

    How fast it is stands with the measurements: a busy machine must not fail a test.
    """
    page = await visit("funder")
    await page.goto(site.address("/operations/{operation}"))
    figure = page.locator(f"#row-{site.moving} [data-figure]")
    await page.locator(f"#row-{site.moving} [data-figure] a").focus()
    await page.evaluate(COUNT_SPOKEN)
    delays = []
    for number in range(5):
        before = int(await figure.inner_text())
        started = time.perf_counter()
        await site.receive_another(number)
        await page.wait_for_function(SHOWS, arg=[site.moving, str(before + 1)], polling=10, timeout=60_000)
        delays.append(time.perf_counter() - started)
    told = [round(delay * 1000) for delay in delays]
    record_property("fact_to_figure_ms", told)
    print(f"fact to figure on the screen: {told} ms")  # noqa: T201 - a measurement, seen with -s
    assert await page.evaluate("document.activeElement.closest('tr').id") == f"row-{site.moving}"
    spoken = await page.evaluate("window.spoken")
    assert 1 <= spoken <= 1 + sum(delays) // SPOKEN_EVERY


async def test_a_chosen_moment_never_moves(site, visit):
    """With a known-at the page opens no stream: what was known then stays."""
    page = await visit("funder")
    await page.goto(site.address("/operations/{operation}?known_at={final}"))
    assert await page.locator("script").count() == 0
    assert await page.locator("#live").count() == 0


async def test_the_stream_is_for_those_who_may_see_the_report(site, visit):
    """Without a session 401, of an operation one has nothing to do with 404: a stream is no way around the page."""
    stranger, outsider = await visit(None), await visit("coordinator:nobody")
    path = site.address("/operations/{operation}/stream")
    assert (await stranger.request.get(path)).status == 401
    assert (await outsider.request.get(path)).status == 404


async def test_the_stream_opens_however_late_its_script_comes(site, visit):
    """The part of htmx that opens streams may arrive long after htmx itself: the page is live all the same."""
    page = await visit("funder")

    async def late(route):
        await page.wait_for_function("window.htmx !== undefined", polling=10)
        await page.evaluate("new Promise(done => setTimeout(() => setTimeout(done)))")
        await route.continue_()

    await page.route("**/hx-sse.min.js*", late)
    async with page.expect_request("**/stream*"):
        await page.goto(site.address("/operations/{operation}"))
