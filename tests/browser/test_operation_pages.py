"""What the pages of one operation say: parts, what is to come, missing answers, seals, releases, narrative."""

import pytest

pytestmark = pytest.mark.browser

OPERATION = "/operations/{operation}"


async def rows(page, table: str) -> list[list[str]]:
    """The cells of a table, as they are read."""
    return await page.locator(f"#{table} tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim()))"
    )


async def test_parts_stand_beside_the_whole_and_add_up_to_it(site, visit):
    """By partner with what is missing there; a partner sees its own part, and all others as one."""
    page = await visit("coordinator")
    await page.goto(site.address(OPERATION + "/in-parts?known_at={final}"))
    heads = await page.locator("#parts thead th").all_inner_texts()
    assert heads == ["Indikator", "Gesamt", "AWO fair.leben", "SPI Soziale Stadt und Land"]
    found = {row[0]: row[1:] for row in await rows(page, "parts")}
    assert found["Teilnahmen an Gesundheitsprojekten"] == ["10.360", "0", "10.360"]
    assert found["Teilnehmende an Qualifizierungsmaßnahmen"] == ["6", "3", "3"]
    assert found["Personen, in deren Datensatz Antworten fehlen"] == ["–", "1", "7"]  # noqa: RUF001 - as printed
    await page.get_by_role("link", name="Geschlecht").click()
    await page.wait_for_url("**by=gender**")
    assert await page.locator("#parts thead th").all_inner_texts() == [
        "Indikator", "Gesamt", "weiblich", "männlich", "ohne Angabe",
    ]  # fmt: skip

    own = await visit("coach:awo")
    await own.goto(site.address(OPERATION + "/in-parts?known_at={final}"))
    assert await own.locator("#parts thead th").all_inner_texts() == [
        "Indikator", "Gesamt", "AWO fair.leben", "alle anderen",
    ]  # fmt: skip


async def test_a_running_operation_says_where_it_would_be_in_equal_steps(site, visit):
    """A quarter of the period is over by the end of June 2012: ten of forty. Without a target nothing is said."""
    page = await visit("funder")
    await page.goto(site.address(OPERATION + "?as_of=2012-06-30&known_at={final}"))
    assert await page.locator("#row-entered .by-now").inner_text() == "in gleichen Schritten bis zu diesem Tag: 10"
    assert await page.locator("#row-young .by-now").count() == 0


async def test_what_is_to_come_is_no_result(site, visit):
    """As of the summer of 2012 three people will begin in March 2013: by month, and not in the figure."""
    page = await visit("funder")
    await page.goto(site.address(OPERATION + "/to-come?as_of=2012-06-30&known_at={final}"))
    [trained] = [row for row in await rows(page, "expected") if row[0].startswith("Teilnehmende")]
    months = await page.locator("#expected thead th").all_inner_texts()
    assert trained[1] == "3"
    assert trained[months.index("03/2013")] == "3"
    assert site.result_in_2012 == "3"


async def test_missing_answers_are_asked_of_those_who_may_know_whom(site, visit):
    """Coordinators see whom to ask and what falls due; a partner its own people; a funder numbers alone."""
    address = site.address(OPERATION + "/records?as_of=2014-06-30&known_at={final}")
    page = await visit("coordinator")
    await page.goto(address)
    assert ["Eingetretene Frauen", "7", "Geschlecht: 7"] in await rows(page, "losses")
    people = await rows(page, "people")
    assert {row[2] for row in people} == {"SPI Soziale Stadt und Land"}
    assert {row[3] for row in people} == {"Geschlecht"}
    assert [[row[0], *row[2:]] for row in await rows(page, "due")] == [
        ["18.07.2014", "AWO fair.leben", "Verbleib nach vier Wochen"]
    ]

    own = await visit("coach:awo")
    await own.goto(address)
    assert await own.locator("#people").count() == 0
    assert len(await rows(own, "due")) == 1

    funder = await visit("funder")
    await funder.goto(address)
    assert ["Eingetretene Frauen", "7", "Geschlecht: 7"] in await rows(funder, "losses")
    assert await funder.locator("#people, #due").count() == 0
    assert "Ihre Rolle sieht Zahlen" in await funder.locator("main").inner_text()


async def test_a_sealed_report_says_what_has_become_of_it(site, visit):
    """The late gathering: figure, sealed, now, difference and why; which facts it was, for the network's own alone."""
    page = await visit("coordinator")
    await page.goto(site.address(OPERATION))
    await page.get_by_role("link", name="Seit der letzten Festschreibung").click()
    await page.wait_for_url(f"**/sealed/{site.seal}")
    title, *figures, why = (await rows(page, "moved"))[0]
    assert (title, figures) == ("Teilnahmen an Gesundheitsprojekten", ["10.360", "10.385", "+25"])
    assert "Nachmeldung: Veranstaltung für 07/2013" in why
    assert await page.locator("#moves-health a[href*='/events/']").count() == 1
    assert (await rows(page, "sealed"))[1] == ["Teilnahmen an Gesundheitsprojekten", "2.000", "10.360", "518"]

    funder = await visit("funder")
    await funder.goto(site.address(OPERATION + "/sealed/{seal}"))
    assert (await rows(funder, "moved"))[0][-1] == why
    assert await funder.locator("a[href*='/events/']").count() == 0
    assert await funder.locator("form[method=post][action*=sealed]").count() == 0


async def test_a_coordinator_seals_and_hands_in(site, visit):
    """A day is sealed by a form, and waits until it is final; a sealed report is handed in once, by a button."""
    page = await visit("coordinator")
    await page.goto(site.address(OPERATION + "/sealed"))
    await page.get_by_label("Stand am").fill("2013-12-31")
    await page.get_by_role("button", name="Festschreiben").click()
    await page.wait_for_url("**/sealed/*-*")
    assert "wartet auf die Festschreibung" in await page.locator("main").inner_text()

    await page.goto(site.address(OPERATION + "/sealed"))
    await page.get_by_label("Stand am").fill("2999-01-01")
    await page.get_by_role("button", name="Festschreiben").click()
    assert await page.locator("#as_of-error").inner_text() == (
        "Dieser Tag kommt erst noch. Wählen Sie heute oder einen früheren."
    )

    await page.goto(site.address(OPERATION + "/sealed/{seal}"))
    await page.get_by_role("button", name="Beim Zuwendungsgeber einreichen").click()
    await page.wait_for_url("**handed-in=yes")
    await site.relay()
    await page.goto(site.address(OPERATION + "/sealed/{seal}"))
    assert await page.get_by_role("button", name="Beim Zuwendungsgeber einreichen").count() == 0
    assert await page.locator(".key-figures dd").nth(2).inner_text() == site.now().strftime("%d.%m.%Y")


async def test_only_a_form_of_ours_acts(site, visit):
    """What another site sends is refused even with a session; and who may not seal or publish cannot by hand either."""
    page, funder = await visit("coordinator"), await visit("funder")
    await page.goto(site.address("/"))
    await funder.goto(site.address("/"))
    for path in (OPERATION + "/sealed", OPERATION + "/published", OPERATION + "/about/outlook", "/sign-out"):
        address, form = site.address(path), {"as_of": "2013-12-31", "text": "x"}
        foreign = await page.request.post(address, form=form, headers={"Origin": "https://elsewhere.example"})
        assert foreign.status == 403
        if path != "/sign-out":
            ours = await funder.request.post(address, form=form, headers={"Origin": site.url})
            assert ours.status == 403
    await page.goto(site.address(OPERATION + "/about"))
    assert await page.locator(".narrative__text").count() == 0


async def test_everybody_reads_what_a_coordinator_writes(site, visit):
    """A section is written in a form, shown as text, never as a page; the version before stays with its time."""
    page = await visit("coordinator")
    await page.goto(site.address(OPERATION + "/about"))
    told = "Zwei Werkstätten\n<b>eröffnet</b>"
    await page.get_by_text("Schreiben: Ausblick").click()
    await page.get_by_role("textbox", name="Ausblick").fill(told)
    await page.locator("#outlook").get_by_role("button", name="Speichern").click()
    await page.wait_for_url("**/about#outlook")
    funder = await visit("funder")
    await funder.goto(site.address(OPERATION + "/about"))
    assert await funder.locator("#outlook .narrative__text").inner_text() == told
    assert await funder.locator("textarea").count() == 0
    await funder.goto(site.address(OPERATION + "/about?known_at={final}"))
    assert await funder.locator("#outlook").count() == 0
    partners = await rows(funder, "partners")
    assert [row[:2] for row in partners] == [
        ["AWO fair.leben", "Netzwerkpartner"], ["SPI Soziale Stadt und Land", "Netzwerkpartner"],
    ]  # fmt: skip


async def test_what_is_published_hides_one_and_two_and_needs_no_sign_in(site, visit):
    """A stranger sees the release; a number that could be about one or two people is a sign that says so."""
    page = await visit(None)
    await page.goto(site.address("/published"))
    await page.get_by_role("link", name="MEHRLiN").click()
    await page.wait_for_url("**/published/mehrlin")
    figures = {row[0]: row[1:] for row in await rows(page, "figures")}
    assert figures["Eingetretene"] == ["40", "25", "63"]
    hidden = page.locator(".hidden-figure")
    assert await hidden.count() > 0
    assert await hidden.first.text_content() == "•verdeckt"
    assert "weniger als drei Fälle" in await page.locator("#explanation").inner_text()
    assert await page.locator("a[href*='/operations/mehrlin/']:not([href^='/public/'])").count() == 0


async def test_a_release_is_published_by_a_form(site, visit):
    """As of a day, without parts; what was published is listed for everybody; a day to come is refused at its field."""
    page = await visit("coordinator")
    await page.goto(site.address(OPERATION + "/published"))
    await page.get_by_label("Stand am").fill("2012-06-30")
    for name in ("Geschlecht", "Partner"):
        await page.get_by_label(name, exact=True).uncheck()
    await page.get_by_role("button", name="Veröffentlichen").click()
    await page.wait_for_url("**/published/mehrlin?number=2")
    assert (await rows(page, "figures"))[0][1:3] == ["4", site.result_in_2012]
    assert await page.locator("#by-gender, #by-partner").count() == 0
    await page.get_by_role("link", name="Veröffentlichung 1,").click()
    await page.wait_for_url("**number=1")
    assert await page.locator("#by-gender").count() == 1

    await page.goto(site.address(OPERATION + "/published"))
    await page.get_by_label("Stand am").fill("2999-01-01")
    await page.get_by_role("button", name="Veröffentlichen").click()
    assert "kommt erst noch" in await page.locator("#as_of-error").inner_text()


async def test_a_funder_opens_figures_to_months_and_pseudonyms(site, visit):
    """Months, no days; names that are those of no person elsewhere; no events, and the definition in plain words."""
    page, whole = await visit("funder"), await visit("coordinator")
    path = OPERATION + "/indicators/{indicator}?known_at={final}"
    await page.goto(site.address(path))
    await whole.goto(site.address(path))
    shown = await page.locator(".entries tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim()))"
    )
    assert [row[0] for row in shown] == ["03/2012"] * 3 + ["03/2013"] * 3
    units = set(await whole.locator(".entries td:nth-child(3)").all_inner_texts())
    assert len({row[2] for row in shown}) == 6
    assert units.isdisjoint(row[2] for row in shown)
    assert await page.locator("a[href*='/events/']").count() == 0
    taken = await page.request.get(await page.get_by_role("link", name="CSV").evaluate("link => link.href"))
    assert (taken.status, [unit for unit in units if unit in await taken.text()]) == (200, [])
    definition = await page.locator(".definition").first.inner_text()
    assert "Beginn einer Maßnahme" in definition
    assert "Art der Maßnahme ist eines von Bildung, Qualifizierung" in definition
    assert "measure-joined" in definition


async def test_a_report_is_taken_away_as_files(site, visit):
    """Every link under the report gives a file of the same moment, in the language of the page."""
    page = await visit("funder", language="en")
    await page.goto(site.address(OPERATION + "?known_at={final}"))
    links = await page.locator(".ways-out a").evaluate_all("links => links.map(one => one.href)")
    assert [one.split("?")[0].rpartition(".")[2] for one in links] == ["pdf", "xlsx", "csv", "json"]
    for link in links:
        answer = await page.request.get(link)
        assert answer.status == 200
        assert "attachment" in answer.headers["content-disposition"]


async def test_more_people_can_be_reached_from_page_to_page(site, visit):
    """With more than a hundred people who lack an answer the queue has pages; nobody is on two of them."""
    await site.receive_another(*range(100, 210))
    page = await visit("coordinator")
    await page.goto(site.address(OPERATION + "/records"))
    first = {row[1] for row in await rows(page, "people")}
    await page.get_by_role("link", name="Weitere Personen").click()
    await page.wait_for_url("**cursor=**")
    second = {row[1] for row in await rows(page, "people")}
    assert (len(first), first & second) == (100, set())
    assert len(second) >= 17


async def test_an_entry_of_an_erased_person_says_so(site, visit):
    """It counts as before, and leads to no event any more."""
    await site.erase(4)
    page = await visit("coordinator")
    await page.goto(site.address(OPERATION + "/indicators/{indicator}"))
    [row] = [row for row in await page.locator(".entries tbody tr").all() if "gelöscht" in await row.inner_text()]
    assert await row.locator("a").count() == 0
    assert await row.locator("td").first.inner_text() == "1"
    assert await page.locator("main strong").inner_text() == site.result
