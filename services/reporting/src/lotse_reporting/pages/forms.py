"""What a form of ours sends."""

from collections.abc import Mapping
from typing import Annotated, Final
from urllib.parse import parse_qsl

from fastapi import Depends, Request

from lotse_reporting.pages.sign_in import PageEnds, from_our_pages

_MOST_FIELDS: Final = 20


async def fields(request: Request, _: Annotated[None, Depends(from_our_pages)]) -> Mapping[str, str]:
    """The fields of a form by name; lines end as they do here."""
    try:
        found = parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise PageEnds(422, "another_site.html") from None
    return {name: value.replace("\r\n", "\n") for name, value in found}


Fields = Annotated[Mapping[str, str], Depends(fields)]
