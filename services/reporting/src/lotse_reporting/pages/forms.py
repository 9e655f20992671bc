"""What a form of ours sends, and that it was ours: no other site can act with the session of whoever is signed in."""

from collections.abc import Mapping
from typing import Annotated, Final
from urllib.parse import parse_qsl, urlsplit

from fastapi import Depends, Request

from lotse_reporting.pages.sign_in import PageEnds

_MOST_FIELDS: Final = 20


async def from_our_pages(request: Request) -> None:
    """Ends the request with 403 unless the browser says that one of our own pages sent it.

    The session's cookie is a strict one; this holds as well where a browser does not keep to that.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin", "")
    ours = site == "same-origin" if site else urlsplit(origin).netloc == request.headers.get("host")
    if not ours:
        raise PageEnds(403, "another_site.html")


async def fields(request: Request, _: Annotated[None, Depends(from_our_pages)]) -> Mapping[str, str]:
    """The fields of a form by name; lines end as they do here."""
    try:
        found = parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise PageEnds(422, "another_site.html") from None
    return {name: value.replace("\r\n", "\n") for name, value in found}


Fields = Annotated[Mapping[str, str], Depends(fields)]
