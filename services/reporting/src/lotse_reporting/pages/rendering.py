"""Templates to responses: one environment per language, and the headers that every page carries."""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.datastructures import URL
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from lotse_reporting.pages.plain import Plain
from lotse_reporting.pages.words import LANGUAGES, Words, catalog, choose

STATIC: Final = Path(str(files("lotse_reporting").joinpath("pages", "static")))
LANGUAGE_COOKIE: Final = "lotse-language"
_YEAR: Final = 365 * 24 * 3600

_SOURCES: Final = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self' data:",  # KERN's icons are masks inside its style sheet
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
)
HEADERS: Final = {
    "Content-Security-Policy": "; ".join(_SOURCES),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
"""A page runs only what we serve, shows itself in no frame, tells nobody where one came from, and is not kept."""


class FrontEndMissing(Exception):  # noqa: N818 - what is the matter
    """The files of the pages are not installed. The text says what to do."""


def words_of(request: Request) -> Words:
    """The language to answer in."""
    return choose(
        request.query_params.get("lang"),
        request.cookies.get(LANGUAGE_COOKIE),
        request.headers.get("accept-language"),
    )


def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:  # noqa: ANN401 - a template's values
    """A whole page."""
    words = words_of(request)
    response = HTMLResponse(
        fragment(
            words, template, path=request.url.path, here=_here(request.url), visitor=visitor_of(request), **values
        ),
        status,
        {**HEADERS, "Content-Language": words.language, "Vary": "Accept-Language, Cookie"},
    )
    if request.query_params.get("lang") == words.language:
        response.set_cookie(LANGUAGE_COOKIE, words.language, max_age=_YEAR, httponly=True, samesite="lax")
    return response


def fragment(words: Words, template: str, **values: Any) -> str:  # noqa: ANN401 - a template's values
    """What a template says in a language."""
    return _environment(words.language).get_template(template).render(words=words, **values)


def visitor_of(request: Request) -> Any:  # noqa: ANN401 - a Visitor; sessions.py stands above this module
    """Who is signed in, where somebody is."""
    return getattr(request.state, "visitor", None)


def query(values: Mapping[str, Any]) -> str:
    """A query string of what is set, with its question mark; empty where nothing is."""
    told = urlencode({name: value for name, value in values.items() if value})
    return f"?{told}" if told else ""


def pretty(data: Any) -> str:  # noqa: ANN401 - JSON
    """JSON for people."""
    return json.dumps(data, ensure_ascii=False, indent=2)


def _here(url: URL) -> dict[str, str]:
    """The address of this page in every language, for the switch."""
    return {one: str(url.include_query_params(lang=one).replace(scheme="", netloc="")) for one in LANGUAGES}


@cache
def _environment(language: str) -> Environment:
    made = Environment(
        loader=PackageLoader("lotse_reporting.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(catalog(language), newstyle=True)  # type: ignore[attr-defined] # by the extension
    made.globals |= {"asset": asset, "query": query, "languages": LANGUAGES, "pretty": pretty, "plain": Plain(language)}
    return made


@cache
def asset(name: str) -> str:
    """The address of a static file, with a mark of its content: a browser keeps it until it changes.

    Raises:
        FrontEndMissing: it is not there.
    """
    try:
        content = (STATIC / name).read_bytes()
    except OSError:
        raise FrontEndMissing(f"The page's file {name} is not installed: run `make setup`.") from None
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"


class Static(StaticFiles):
    """Our own files; addresses with a mark of the content are good for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file, with the headers of a page where they make sense for a file."""
        response = await super().get_response(path, scope)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        marked = b"v=" in scope.get("query_string", b"")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if marked else "no-cache"
        return response
