"""Forms as routes take them: read apart, so that the page itself runs in a thread and keeps nobody waiting."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from tumorboard.data import decode

MOST_FIELDS = 20_000  # of a form: a case of a thousand entries still fits
MOST_BYTES = 4 * 1024 * 1024  # of one field


async def form_of(request: Request) -> FormData:
    """The form of a request."""
    return await request.form(max_fields=MOST_FIELDS, max_files=2, max_part_size=MOST_BYTES)


def fields_of(form: FormData) -> dict[str, str]:
    """The fields of a form that are text, the last of each name."""
    return {name: value.replace("\r\n", "\n") for name, value in form.multi_items() if isinstance(value, str)}


async def fields_in(request: Request) -> dict[str, str]:
    return fields_of(await form_of(request))


Form = Annotated[FormData, Depends(form_of)]
Fields = Annotated[dict[str, str], Depends(fields_in)]


def file_in(form: FormData, name: str = "file") -> str:
    """The text of a file chosen in a form; empty where none was. Raises InvalidInput where it is no text."""
    file = form.get(name)
    return decode(file.file.read(), "the file") if isinstance(file, UploadFile) and file.size else ""
