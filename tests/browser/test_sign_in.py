"""Signing in, in a real browser: a link is good once, its cookie is out of reach of scripts and other sites."""

from datetime import timedelta

import pytest

pytestmark = pytest.mark.browser


async def test_a_link_lets_in_once(site, visit):
    """Whoever opens it first is in, and stands in front of the reports; the second is told how to get another."""
    page = await visit(None)
    link = site.link("coordinator")
    await page.goto(link)
    await page.wait_for_url(f"{site.url}/")
    assert await page.get_by_role("heading", level=1).inner_text() == "Berichte"
    await page.context.clear_cookies()
    answer = await page.goto(link)
    assert answer
    assert answer.status == 401
    assert await page.get_by_role("heading", level=1).inner_text() == "Dieser Link gilt nicht mehr"


async def test_an_old_or_forged_link_lets_nobody_in(site, visit):
    """Ten minutes after it was made, and with another signature, a link is worth nothing."""
    page = await visit(None)
    for link in (site.link("funder", age=timedelta(minutes=11)), f"{site.url}/sign-in?ticket=a.b.c"):
        answer = await page.goto(link)
        assert answer
        assert answer.status == 401


async def test_the_cookie_is_out_of_reach(site, visit):
    """No script reads it, no other site sends it, and it ends with the working day."""
    page = await visit(None)
    await page.goto(site.link("funder"))
    await page.wait_for_url(f"{site.url}/")
    [cookie] = [one for one in await page.context.cookies() if one["name"] == "lotse-session"]
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/")
    assert 7.9 * 3600 < cookie["expires"] - site.now().timestamp() <= 8 * 3600
    assert "lotse-session" not in await page.evaluate("document.cookie")


async def test_without_a_session_a_page_says_how_to_get_one(site, visit):
    """No loop of redirects: the address stays, the answer is 401, and the way in is on the page."""
    page = await visit(None)
    answer = await page.goto(f"{site.url}/operations/{site.operation}")
    assert answer
    assert (answer.status, page.url) == (401, f"{site.url}/operations/{site.operation}")
    assert "lotse sign-in" in await page.locator("main").inner_text()


async def test_signing_out_ends_the_session_on_the_server_too(site, visit):
    """A copied cookie is worth nothing after signing out, and the link it came from stays used."""
    page = await visit(None)
    link = site.link("auditor")
    await page.goto(link)
    await page.wait_for_url(f"{site.url}/")
    copied = await page.context.cookies()
    await page.get_by_role("button", name="Abmelden").click()
    assert await page.get_by_role("heading", level=1).inner_text() == "Sie sind abgemeldet"
    await page.context.add_cookies(copied)
    answer = await page.goto(site.url)
    assert answer
    assert answer.status == 401
    answer = await page.goto(link)
    assert answer
    assert answer.status == 401
