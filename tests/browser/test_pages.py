"""The pages, in a real browser: readable for everybody, in both languages, by keyboard, on a small screen."""

import json

import pytest
from lotse_local.frontend import checkout
from lotse_reporting.narrative import LONGEST
from lotse_reporting.pages.rendering import LANGUAGE_COOKIE

pytestmark = pytest.mark.browser

AXE = checkout() / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

STATES = {
    "operations": ("coordinator", "/", 200),
    "nothing to see": ("coordinator:nobody", "/", 200),
    "live report": ("funder", "/operations/{operation}", 200),
    "report of a day": ("funder", "/operations/{operation}?as_of=2012-06-30", 200),
    "final report": ("auditor", "/operations/{operation}?known_at={final}", 200),
    "report not final": ("auditor", "/operations/{operation}?known_at=2099-01-01T00:00:00Z", 200),
    "before the first edition": ("auditor", "/operations/{operation}?known_at=2001-01-01T00:00:00Z", 404),
    "a day that is none": ("funder", "/operations/{operation}?as_of=30.9.2014", 422),
    "a day to come": ("funder", "/operations/{operation}?as_of=2999-01-01", 422),
    "a moment that is none": ("funder", "/operations/{operation}?known_at=now", 422),
    "behind a figure": ("coordinator", "/operations/{operation}/indicators/{indicator}", 200),
    "behind a figure, one partner": ("coordinator", "/operations/{operation}/indicators/{indicator}?partner=awo", 200),
    "behind a figure, own entries": ("coach:awo", "/operations/{operation}/indicators/{indicator}", 200),
    "behind a figure, for a funder": ("funder", "/operations/{operation}/indicators/{indicator}", 200),
    "over time": ("funder", "/operations/{operation}/over-time", 200),
    "over time, before the first edition": ("funder", "/operations/{operation}/over-time?known_at=2001-01-01", 404),
    "in parts, by partner": ("coordinator", "/operations/{operation}/in-parts", 200),
    "in parts, by quarter": ("funder", "/operations/{operation}/in-parts?by=quarter", 200),
    "to come": ("funder", "/operations/{operation}/to-come?as_of=2012-06-30", 200),
    "records": ("coordinator", "/operations/{operation}/records", 200),
    "records, own": ("coach:awo", "/operations/{operation}/records", 200),
    "records, for a funder": ("funder", "/operations/{operation}/records", 200),
    "seals": ("coordinator", "/operations/{operation}/sealed", 200),
    "seals, for a funder": ("funder", "/operations/{operation}/sealed", 200),
    "seal": ("coordinator", "/operations/{operation}/sealed/{seal}", 200),
    "seal, for a funder": ("funder", "/operations/{operation}/sealed/{seal}", 200),
    "unknown seal": ("funder", "/operations/{operation}/sealed/unknown", 404),
    "about": ("coordinator", "/operations/{operation}/about", 200),
    "releases": ("coordinator", "/operations/{operation}/published", 200),
    "published reports": (None, "/published", 200),
    "published report": (None, "/published/{operation}", 200),
    "nothing published": (None, "/published/unknown", 404),
    "event": ("coordinator", "/operations/{operation}/events/{event}", 200),
    "event, for a funder": ("funder", "/operations/{operation}/events/{event}", 403),
    "unknown operation": ("coordinator", "/operations/unknown", 404),
    "unknown indicator": ("coordinator", "/operations/{operation}/indicators/unknown", 404),
    "unknown address": (None, "/nowhere", 404),
    "accessibility": (None, "/accessibility", 200),
    "not signed in": (None, "/", 401),
    "link refused": (None, "/sign-in?ticket=used", 401),
}


DARK = [
    "/operations/{operation}",
    "/operations/{operation}?known_at={final}",
    "/operations/{operation}/in-parts",
    "/operations/{operation}/over-time",
    "/operations/{operation}/records",
    "/operations/{operation}/sealed/{seal}",
    "/operations/{operation}/about",
    "/published/{operation}",
]


async def axe(page) -> list[str]:
    """What axe-core finds, as one line each."""
    await page.evaluate(AXE.read_text())
    found = await page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
    return [
        f"{one['id']}: {one['help']} at {[node['target'] for node in one['nodes'][:3]]}" for one in found["violations"]
    ]


@pytest.mark.parametrize("state", STATES)
async def test_every_page_and_state_is_accessible_and_fits_a_phone(site, visit, state):
    """axe-core finds nothing, the page says its language, and at 320 px only a table or code scrolls sideways."""
    role, path, status = STATES[state]
    page = await visit(role)
    answer = await page.goto(site.address(path))
    assert answer.status == status
    assert await axe(page) == []
    assert await page.locator("html").get_attribute("lang") == "de"
    await page.set_viewport_size({"width": 320, "height": 640})
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320
    assert await axe(page) == []

    await page.context.add_cookies([{"name": LANGUAGE_COOKIE, "value": "en", "url": site.url}])
    answer = await page.goto(site.address(path))
    assert answer.status == status
    assert await page.locator("html").get_attribute("lang") == "en"
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320
    assert await axe(page) == []


async def test_dark_and_forced_colours_stay_readable(site, visit):
    """Contrast holds in the dark as in the light."""
    page = await visit("funder", color_scheme="dark")
    for path in DARK:
        await page.goto(site.address(path))
        assert await axe(page) == []
    await page.emulate_media(forced_colors="active")
    assert await axe(page) == []


async def test_the_table_reads_as_printed(site, visit):
    """Four columns in German, thousands with a dot, percent half up, and the source line under it."""
    page = await visit("funder")
    await page.goto(site.address("/operations/{operation}?known_at={final}"))
    rows = await page.locator(".figures tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].slice(0, 4).map(cell => cell.innerText.trim()))"
    )
    assert rows == site.printed
    assert await page.get_by_text("Quelle: Projektkoordination MEHRLiN", exact=True).is_visible()
    statuses = await page.locator(".figures__bar > span").all_inner_texts()
    assert [text.split()[-1] for text in statuses] == site.statuses


async def test_a_figure_opens_down_to_its_events_by_keyboard_alone(site, visit):
    """From the skip link to the event that a figure rests on, with Tab and Enter; focus can always be seen."""
    page = await visit("coordinator")
    await page.goto(site.address("/operations/{operation}"))
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className.includes('skip')")
    assert await page.locator(".skip").bounding_box() is not None
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "content"

    await tab_to(page, f"a[href$='/indicators/{site.indicator}']")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/indicators/{site.indicator}")
    sum_line = await page.locator("main strong").inner_text()
    quantities = await page.locator(".entries td:nth-child(2)").all_inner_texts()
    assert sum(map(int, quantities)) == int(sum_line) == int(site.result)

    await tab_to(page, "a[href*='/events/']")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/events/*")
    data = json.loads(await page.locator("pre").inner_text())
    assert data["operation"] == site.operation
    assert "topic" in await page.locator("main").inner_text()


async def tab_to(page, selector: str) -> None:
    """Press Tab until the focus is on what the selector names; every stop on the way must show its focus."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        seen = await page.evaluate(
            """selector => {
                const one = document.activeElement, style = getComputedStyle(one);
                const shown = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0
                return {there: one.matches(selector), shown}
            }""",
            selector,
        )
        assert seen["shown"], await page.evaluate("document.activeElement.outerHTML")
        if seen["there"]:
            return
    pytest.fail(f"the keyboard never reached {selector}")


async def test_a_day_in_the_past_is_chosen_in_the_form_and_stays_in_the_address(site, visit):
    """The address can be shared, and what is behind a figure is of the same day."""
    page = await visit("coordinator")
    await page.goto(site.address("/operations/{operation}"))
    await page.get_by_label("Stand am").fill("2012-06-30")
    await page.get_by_role("button", name="Anzeigen").click()
    await page.wait_for_url("**as_of=2012-06-30**")
    assert "Stand 30.06.2012" in await page.locator("caption").inner_text()
    link = page.locator(f"#row-{site.indicator} [data-figure] a")
    assert await link.inner_text() == site.result_in_2012
    await link.click()
    await page.wait_for_url("**as_of=2012-06-30**")
    assert await page.locator("main strong").inner_text() == site.result_in_2012


async def test_a_running_state_can_be_held(site, visit):
    """One click from the live report to the same figures as a state that stays, and is final."""
    page = await visit("auditor")
    await page.goto(site.address("/operations/{operation}"))
    await page.get_by_role("link", name="Diesen Stand als festen Stand ansehen").click()
    await page.wait_for_url("**known_at=**")
    assert await page.locator(".state h2").inner_text() == "Endgültig"
    first = await page.locator("main").inner_text()
    await page.reload()
    assert await page.locator("main").inner_text() == first


@pytest.mark.parametrize("language", ["de", "en"])
async def test_what_keeps_a_report_from_being_final_is_listed_until_somebody_decides(site, visit, language):
    """A record that cannot be read is named with its number and the command that shows it; discarded, it is gone."""
    await site.hear_nonsense()
    page = await visit("auditor", language=language)
    address = site.address("/operations/{operation}?known_at=2099-01-01T00:00:00Z")
    await page.goto(address)
    assert await axe(page) == []
    command = await page.locator(".state li code").inner_text()
    number = int(command.removeprefix("lotse dead-letters show "))
    await site.receiver.discard(number, "anna", "nobody sent it")
    await page.goto(address)
    assert await page.locator(".state li").count() == 0


async def test_pages_work_without_javascript(site, visit):
    """The same figures, and what stands behind them; only the moving is missing, and the page says so."""
    page = await visit("coordinator", java_script_enabled=False)
    await page.goto(site.address("/operations/{operation}"))
    assert await page.locator(f"#row-{site.indicator} [data-figure] a").inner_text() == site.result
    assert "Ohne JavaScript" in await page.locator(".live-mark").inner_text()
    await page.locator(f"#row-{site.indicator} [data-figure] a").click()
    await page.wait_for_url("**/indicators/**")


async def test_the_language_switch_is_remembered(site, visit):
    """Who chose English stays in English, whatever the browser accepts."""
    page = await visit("funder")
    await page.goto(site.address("/operations/{operation}?as_of=2012-06-30"))
    await page.get_by_role("link", name="English").click()
    await page.wait_for_url("**lang=en**")
    assert "as_of=2012-06-30" in page.url
    await page.goto(site.address("/"))
    assert await page.get_by_role("heading", level=1).inner_text() == "Reports"


SURPLUS = 412
LONG = "Zeile\n" + "ä" * (LONGEST - 6 + SURPLUS)
SAYS = {
    "de": (f"Der Text ist um {SURPLUS} Zeichen zu lang", "ein Zeichen, das kein Text ist"),
    "en": (f"the text is {SURPLUS} characters too long", "a character that is no text"),
}


@pytest.mark.parametrize("language", SAYS)
async def test_a_refused_text_is_not_lost(site, visit, language):
    """The form is open with all that was typed, focused, and described by the message; once mended it is kept."""
    page = await visit("coordinator")
    await page.context.add_cookies([{"name": LANGUAGE_COOKIE, "value": language, "url": site.url}])
    for told, shown, says in zip((LONG, "eins\0zwei"), (LONG, "einszwei"), SAYS[language], strict=True):
        await page.goto(site.address("/operations/mehrlin/about"))
        await page.locator("#outlook summary").click()
        # A browser holds to the length itself; what comes past it comes from another program or an extension.
        await page.evaluate("document.querySelectorAll('textarea').forEach(one => one.removeAttribute('maxlength'))")
        field = page.locator("#text-outlook")
        await field.fill(told)
        async with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
            await page.locator("#outlook button").click()
        assert (await answered.value).status == 422

        assert await field.input_value() == shown
        assert await field.evaluate("one => one === document.activeElement")
        described = (await field.get_attribute("aria-describedby")).split()
        assert described == ["hint-outlook", "error-outlook"]
        assert says in await page.locator("#error-outlook").inner_text()
        assert await field.get_attribute("aria-invalid") == "true"
        assert await page.locator("details[open]").count() == 1
        assert await axe(page) == []

    await field.fill(f"Verstetigung {language}")
    await page.locator("#outlook button").click()
    await page.wait_for_url("**/about#outlook")
    assert await page.locator("#outlook .narrative__text").inner_text() == f"Verstetigung {language}"
    assert await page.locator(".kern-error").count() == 0


async def test_the_address_of_a_form_leads_to_its_page(site, visit):
    """Whoever changes the language beside a refused text, or comes back to its address, gets the page."""
    page = await visit("coordinator")
    await page.goto(site.address("/operations/mehrlin/about/outlook"))
    assert page.url == site.address("/operations/mehrlin/about#outlook")
    assert await page.locator("#text-outlook").count() == 1


WITHHELD = {
    "de": ("Zurückgehalten", "Veröffentlichen", "Es wurde nichts veröffentlicht"),
    "en": ("Withheld", "Publish", "Nothing was published"),
}


@pytest.mark.parametrize("language", WITHHELD)
async def test_a_release_that_would_tell_too_much_is_withheld(site, visit, language):
    """In June 2012 one woman and two men are in training: once the three are published, their parts never are.

    Zeros are not hidden, so of three people in two parts one part is one, and the other is two. The page says that
    nothing was published and what to do, and the form is there as it was filled in.
    """
    name, button, nothing = WITHHELD[language]
    page = await visit("coordinator")
    await page.context.add_cookies([{"name": LANGUAGE_COOKIE, "value": language, "url": site.url}])
    form = page.locator("form.publish")
    for by_gender in (False, True):
        await page.goto(site.address("/operations/{operation}/published"))
        await form.locator("#as_of").fill("2012-06-30")
        await form.locator("#by-gender").set_checked(by_gender)
        await form.locator("#by-partner").uncheck()
        before = await page.locator("#releases tbody tr").count()
        async with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
            await form.get_by_role("button", name=button, exact=True).click()
        assert (await answered.value).status == (409 if by_gender else 303)

    await page.wait_for_load_state()
    alert = page.locator("main .kern-alert")
    assert (await alert.locator(".kern-title").inner_text()).strip() == name
    assert nothing in await alert.inner_text()
    assert await form.locator("#as_of").input_value() == "2012-06-30"
    ticked = await form.locator("input:checked").evaluate_all("boxes => boxes.map(one => one.id)")
    assert ticked == ["by-gender"]
    assert await page.locator("#releases tbody tr").count() == before
    assert await axe(page) == []
    await page.set_viewport_size({"width": 320, "height": 640})
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320
    assert await axe(page) == []
