"""For people: the pages over the map, as `make pages` builds them into the package."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import FileResponse
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from zones_api.elsewhere import BaseMap
from zones_api.errors import NotFound

PAGES = Path(__file__).resolve().parent.parent / "pages"

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:{map}; connect-src 'self'{map};"
    " worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_FOREVER = "public, max-age=31536000, immutable"

router = APIRouter(include_in_schema=False)


@router.get("/")
@router.get("/police")
@router.get("/authority")
async def page(request: Request) -> Response:
    """Return one of the pages."""
    return _file(request, (request.url.path.strip("/") or "index") + ".html")


def _safe(base_map: BaseMap | None) -> dict[str, str]:
    """Return the headers of a page: it loads from here alone, and pictures of the base map from where that lies."""
    return {
        "Content-Security-Policy": _POLICY.format(map=f" {base_map.origin}" if base_map else ""),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
    }


def _file(request: Request, name: str) -> Response:
    path = PAGES / name
    if not path.is_file():
        raise NotFound(
            "The pages are not built: run `make pages`. The API stands under /v1, described at /openapi.json."
        )
    return FileResponse(path, headers=request.app.state.page_headers | {"Cache-Control": "no-cache"})


class _Built(StaticFiles):
    """What the build named by its content: it never changes."""

    def __init__(self, directory: Path, headers: dict[str, str]) -> None:
        super().__init__(directory=directory)
        self._headers = headers | {"Cache-Control": _FOREVER}

    def file_response(self, *arguments: object, **options: object) -> Response:
        response = super().file_response(*arguments, **options)  # type: ignore[arg-type]
        response.headers.update(self._headers)
        return response


@router.get("/sw.js")
@router.get("/icon.svg")
@router.get("/manifest.webmanifest")
@router.get("/police.webmanifest")
async def beside(request: Request) -> Response:
    """Return what a browser asks for beside the pages."""
    return _file(request, request.url.path.strip("/"))


def install(app: FastAPI, base_map: BaseMap | None = None) -> None:
    """Serve the pages, and what they load, compressed."""
    app.state.page_headers = _safe(base_map)
    app.include_router(router)
    if PAGES.is_dir():
        app.mount(
            "/assets", GZipMiddleware(_Built(PAGES / "assets", app.state.page_headers), minimum_size=1000)
        )
