"""Everything that can be configured, read once from the environment (prefix ZONES_) by `app` and `cli`."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from zones_api.access_tokens import Issuer
from zones_api.elsewhere import AddressServer, BaseMap
from zones_api.fetching import Feed
from zones_api.formats.elevation import DEFAULT_MARGIN_M

_PACKAGE = Path(__file__).resolve().parent


def _shipped(folder: str) -> Path:
    """Return a folder that stands beside the package in a checkout and inside it when installed."""
    inside, beside = _PACKAGE / folder, _PACKAGE.parent / folder
    return inside if inside.is_dir() else beside


def _data_folder() -> Path:
    if os.geteuid() == 0:
        return Path("/var/lib/zones-api")
    base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(base).expanduser() / "zones-api"


class Settings(BaseSettings):
    """The settings of one process."""

    model_config = SettingsConfigDict(env_prefix="ZONES_", frozen=True, extra="ignore")

    database_url: Annotated[
        str | None, Field(description="The register's database; without one a private PostGIS is started")
    ] = None
    data_folder: Annotated[Path, Field(description="Where the private PostGIS keeps its data")] = Field(
        default_factory=_data_folder
    )
    secrets_folder: Annotated[
        Path | None,
        Field(description="Where the service's own secrets lie (zones keys); `secrets` in the data folder"),
    ] = None
    host: Annotated[str, Field(description="The address to serve at")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="The port to serve at")] = 8318
    log_level: Annotated[str, Field(pattern="^(debug|info|warning|error)$")] = "info"
    geodata: Annotated[Path, Field(description="Coverage areas and bounds of the ground")] = Field(
        default_factory=lambda: _shipped("geodata")
    )
    migrations: Annotated[Path, Field(description="The database's migrations")] = Field(
        default_factory=lambda: _shipped("migrations")
    )
    terrain_file: Annotated[
        Path | None,
        Field(description="A GeoTIFF of the bare ground's elevation, metres above mean sea level"),
    ] = None
    terrain_margin_m: Annotated[float, Field(ge=0, le=100, description="How far that may be off, metres")] = (
        DEFAULT_MARGIN_M
    )
    question_limit_s: Annotated[
        float, Field(gt=0, le=60, description="The longest one question may take")
    ] = 5.0
    confirm_within: Annotated[
        timedelta | None,
        Field(
            description="How long zones may be vouched for while the register cannot be reached (ISO 8601)"
        ),
    ] = timedelta(minutes=15)
    openid_issuers: Annotated[
        tuple[Issuer, ...],
        Field(description='Identity providers whose access tokens are accepted: [{"url": …, "audience": …}]'),
    ] = ()
    demo_sign_in: Annotated[
        bool, Field(description="Allows zones serve --demo-sign-in beside a named database")
    ] = False
    police_log_retention: Annotated[
        timedelta,
        Field(ge=timedelta(days=30), description="How long the looks of the police are kept (ISO 8601)"),
    ] = timedelta(days=365)
    emergency_area_km2: Annotated[
        float, Field(gt=0, description="The largest area of an emergency publication, square kilometres")
    ] = 100.0
    feeds: Annotated[
        tuple[Feed, ...],
        Field(
            description='Documents to keep fresh: [{"data_set": …, "url": …, "every": "PT15M", "redirects_to": []}]'
        ),
    ] = ()
    imports: Annotated[
        dict[str, str],
        Field(
            description='Data sets that an organisation may import over HTTP: {"data-set": "organisation"}'
        ),
    ] = Field(default_factory=dict)
    stale_after: Annotated[
        timedelta | None,
        Field(description="The age (ISO 8601, as P30D) from which a data set no longer vouches for a place"),
    ] = None

    base_map: Annotated[
        BaseMap | None,
        Field(
            description='A base map: {"url": "https://…/{z}/{x}/{y}.png", "attribution": …, "max_zoom": 19}'
        ),
    ] = None
    address_search: Annotated[
        AddressServer | None,
        Field(
            description='Where addresses are searched for, as PDOK Locatieserver 3.1: {"url": …, "attribution": …}'
        ),
    ] = None

    @field_validator("feeds")
    @classmethod
    def _each_once(cls, feeds: tuple[Feed, ...]) -> tuple[Feed, ...]:
        if len({feed.data_set for feed in feeds}) != len(feeds):
            raise ValueError("two feeds are of one data set")
        return feeds
