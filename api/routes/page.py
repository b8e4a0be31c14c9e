"""The page and its files: the part of the server that is for people. What it shows, it asks the other routes for."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api import page

router = APIRouter(include_in_schema=False)


def _served(name: str) -> None:
    """Serve one file at its path."""
    headers = {"Content-Security-Policy": page.POLICY, "Cache-Control": "no-cache"}

    async def get() -> Response:
        return Response(page.content(name), media_type=page.media(name), headers=headers)

    for path in (path for path, file in page.PATHS.items() if file == name):
        router.add_api_route(path, get, methods=["GET", "HEAD"])


for each in page.FILES:
    _served(each)
