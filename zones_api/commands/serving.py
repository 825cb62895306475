"""The command line that serves: on a register that is named, or on a private one with the demonstration."""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from zones_api import __version__, demonstration
from zones_api.app import configure_logging, following_app, utc_now
from zones_api.commands import (
    importing,
)
from zones_api.errors import InvalidInput
from zones_api.formats.files import How
from zones_api.opening import keys_of, register_as_owner, register_of, territories_of
from zones_api.settings import Settings

DEMONSTRATION = Path("demonstration") / "netherlands-demonstration.ed318.json"


def serve(
    host: Annotated[str | None, typer.Option(help="The address to serve at [127.0.0.1].")] = None,
    port: Annotated[int | None, typer.Option(help="The port to serve at [8318].")] = None,
    demo: Annotated[
        bool,
        typer.Option(
            "--demo",
            help="Load the demonstration zones first; beside the private PostGIS, with people to sign in as.",
        ),
    ] = False,
    demo_sign_in: Annotated[
        bool,
        typer.Option(
            "--demo-sign-in",
            help="Let anyone sign in as the demonstration's people; beside a named database only with"
            " ZONES_DEMO_SIGN_IN=true as well.",
        ),
    ] = False,
) -> None:
    """Serve the API; without ZONES_DATABASE_URL on a private PostGIS that stops with it."""
    settings = Settings()
    host, port = host or settings.host, settings.port if port is None else port
    configure_logging(settings.log_level)
    if demo_sign_in and settings.database_url is not None and not settings.demo_sign_in:
        raise InvalidInput(
            "--demo-sign-in would let anyone publish in the database that is named. If that is meant, set"
            " ZONES_DEMO_SIGN_IN=true as well."
        )
    demo_sign_in = demo_sign_in or (demo and settings.database_url is None)
    if demo_sign_in and settings.database_url is None:
        _prepare_demonstration(settings)
    with _listen(host, port) as listening, register_of(settings) as engine:
        if demo:
            importing.take(
                engine,
                settings,
                [settings.geodata / DEMONSTRATION],
                {},
                How(),
                accept_fewer_zones=False,
            )
        application = following_app(
            engine, territories_of(settings), keys_of(settings), settings, demo_sign_in=demo_sign_in
        )
        config = uvicorn.Config(application, log_config=None, access_log=False, server_header=False)
        shown_host = f"[{host}]" if ":" in host else host
        address = f"http://{shown_host}:{listening.getsockname()[1]}"

        class Server(uvicorn.Server):
            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets)
                _print_welcome(address, demo, demo_sign_in)

        Server(config).run(sockets=[listening])


def _prepare_demonstration(settings: Settings) -> None:
    area = territories_of(settings).areas["NLD"]
    with register_as_owner(settings) as owner:
        demonstration.prepare(owner, area, utc_now())


def _print_welcome(address: str, demo: bool, demo_sign_in: bool) -> None:
    lines = [f"zones-api {__version__} answers at {address}"]
    if demo:
        program = _program()
        lines += [
            "",
            "DEMONSTRATION zones are loaded: made up and simplified, not for navigation. Three things to try,",
            "the first in a browser, the others in another terminal:",
            "",
            "  1. What applies at Schiphol, from the ground to 50 m, now?",
            f"     {address}/#lat=52.31&lon=4.7639&height=50",
            "  2. And at the World Forum in The Hague, during the summit of June 2025?",
            (
                f"     {program} status --lon 4.2835 --lat 52.0930 --max-height 50 --reference AGL"
                " --at 2025-06-24T12:00:00+02:00"
            ),
            "  3. Which zones does this flight meet, from Haarlem to Schiphol?",
            f"     {program} check docs/examples/haarlem-schiphol.json",
        ]
    if demo_sign_in:
        lines += [
            "",
            "Anyone who reaches this service may sign in as the demonstration's people. To draw a zone, have it",
            "approved by another person and publish it:",
            "",
            f"     python3 docs/examples/publish.py {address}",
        ]
    lines += ["", "Stop with Ctrl-C."]
    print("\n".join(lines), flush=True)


def _program() -> str:
    """Return how to call this program from where it was called."""
    called = Path(sys.argv[0])
    return str(called) if called.parent != Path() else "zones"


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        # Two servers could otherwise both bind and only one would be heard.
        listening.listen(2048)
    except OSError as error:
        listening.close()
        what = f"Nothing can be served at {host} port {port}: {error.strerror}. Choose another with --port."
        raise InvalidInput(what) from error
    return listening
