"""For anyone: the zones as vector tiles, for maps."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from zones_api.api.deps import CurrentService, each_once, is_known
from zones_api.api.problems import RESPONSES
from zones_api.tiles import Tile, tag_of

router = APIRouter(tags=["map"])

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
_BODIES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The tile, with layers zones, unreadable and coverage", "content": {MEDIA_TYPE: {}}},
    304: {"description": "It is still what If-None-Match names"},
    **RESPONSES,
}


@router.get(
    "/tiles/{z}/{x}/{y}.mvt", response_class=Response, responses=_BODIES, dependencies=[Depends(each_once)]
)
def tile(
    z: int,
    x: int,
    y: int,
    request: Request,
    service: CurrentService,
    revision: Annotated[
        int | None, Query(ge=1, le=2**53, description="The register at this revision; the newest if left out")
    ] = None,
) -> Response:
    """Return a tile (XYZ, Web Mercator, zoom 0 to 16) of the zones, for a map. What applies is for answers to say."""
    asked, now = Tile(z, x, y), service.now()
    service.tiles.check(asked)
    snapshot = service.following.current() if revision is None else service.as_known(revision)
    tag = tag_of(snapshot, asked, now.date())
    packs = "gzip" in request.headers.get("accept-encoding", "")
    # Compressed and plain are two ways to send it, each with a tag of its own.
    sent_as = f'{tag[:-1]}.gzip"' if packs else tag
    headers = {
        "ETag": sent_as,
        "Vary": "Accept-Encoding",
        "Cache-Control": "no-cache" if revision is None else _until_midnight(now),
        "Zones-Revision": str(snapshot.revision or 0),
    }
    if is_known(request.headers.get("if-none-match"), sent_as):
        return Response(status_code=304, headers=headers)
    drawn = service.tiles.tile(snapshot, asked, now.date())
    if packs:
        drawn = gzip.compress(drawn, compresslevel=5, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(drawn, media_type=MEDIA_TYPE, headers=headers)


def _until_midnight(now: datetime) -> str:
    """Return for how long a tile of a revision stays as it is: it tells when zones are in force around its day."""
    midnight = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
    return f"public, max-age={int((midnight - now).total_seconds())}, immutable"
