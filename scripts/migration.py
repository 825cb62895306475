"""Write a migration from the difference between store/schema.py and what the migrations make."""

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config

from zones_api.embedded import running
from zones_api.store.migrating import migrate
from zones_api.store.register import open_register

ROOT = Path(__file__).resolve().parent.parent


def main(message: str) -> None:
    """Migrate an empty database to the newest schema and let alembic compare."""
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("script_location", str(ROOT / "migrations"))
    number = len(list((ROOT / "migrations" / "versions").glob("*.py"))) + 1
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        with running(Path(folder) / "postgis", durable=False) as url:
            engine = open_register(url)
            migrate(engine, ROOT / "migrations")
            with engine.connect() as connection:
                config.attributes["connection"] = connection
                command.revision(config, message=message, autogenerate=True, rev_id=f"{number:04d}")
            engine.dispose()


if __name__ == "__main__":
    main(
        sys.argv[1]
        if len(sys.argv) > 1 and sys.argv[1]
        else sys.exit('Say what it does: make migration M="…"')
    )
