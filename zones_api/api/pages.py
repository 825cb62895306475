"""For people: the pages over the map, as `make pages` builds them into the package."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import FileResponse
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from zones_api.errors import NotFound

PAGES = Path(__file__).resolve().parent.parent / "pages"

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self';"
    " worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_SAFE = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
}
_FOREVER = "public, max-age=31536000, immutable"

router = APIRouter(include_in_schema=False)


@router.get("/")
@router.get("/police")
@router.get("/authority")
async def page(request: Request) -> Response:
    """Return one of the pages."""
    return _file((request.url.path.strip("/") or "index") + ".html")


def _file(name: str) -> Response:
    path = PAGES / name
    if not path.is_file():
        raise NotFound(
            "The pages are not built: run `make pages`. The API stands under /v1, described at /openapi.json."
        )
    return FileResponse(path, headers=_SAFE | {"Cache-Control": "no-cache"})


class _Built(StaticFiles):
    """What the build named by its content: it never changes."""

    def file_response(self, *arguments: object, **options: object) -> Response:
        response = super().file_response(*arguments, **options)  # type: ignore[arg-type]
        response.headers.update(_SAFE | {"Cache-Control": _FOREVER})
        return response


@router.get("/sw.js")
@router.get("/icon.svg")
@router.get("/manifest.webmanifest")
@router.get("/police.webmanifest")
async def beside(request: Request) -> Response:
    """Return what a browser asks for beside the pages."""
    return _file(request.url.path.strip("/"))


def install(app: FastAPI) -> None:
    """Serve the pages, and what they load, compressed."""
    app.include_router(router)
    if PAGES.is_dir():
        app.mount("/assets", GZipMiddleware(_Built(directory=PAGES / "assets"), minimum_size=1000))
