"""Write the OpenAPI document that the code describes, or check that the committed one is the same."""

import json
import sys
from pathlib import Path

from zones_api.app import create_app
from zones_api.following import Following


def main(arguments: list[str]) -> int:
    """Return 1 where `--check` finds a difference."""
    path = Path(arguments[-1])
    described = (
        json.dumps(create_app(Following()).openapi(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    )
    if "--check" not in arguments:
        path.write_text(described, "utf-8")
        return 0
    if path.exists() and path.read_text("utf-8") == described:
        return 0
    print(f"{path} is not what the code describes. Run: make openapi", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
