"""Try a reader on bytes that nobody thought of, guided by what they reach in it.

    python scripts/fuzz.py READER [--seconds 600] [--found FOLDER]

READER is a name in `tests/readers.py`. It starts from the reader's folder in `tests/corpus/`. A crash, a single input
that takes over ten seconds, or more than 500 MB of memory stops it; the input is kept in FOLDER. Once the fault is
mended the input belongs in the corpus as `find-…`, where CI replays it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

with atheris.instrument_imports(include=["zones_api"]):
    from tests.readers import CORPUS, READERS, read


def main() -> None:
    """Fuzz one reader."""
    parser = argparse.ArgumentParser(description="Try a reader on bytes that nobody thought of.")
    parser.add_argument("reader", choices=sorted(READERS))
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--found", type=Path, default=Path("fuzz-finds"))
    options = parser.parse_args()
    options.found.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as growing:
        libfuzzer = [
            sys.argv[0],
            f"-max_total_time={options.seconds}",
            "-timeout=10",
            "-rss_limit_mb=500",
            "-max_len=65536",
            f"-artifact_prefix={options.found}/{options.reader}-",
            "-print_final_stats=1",
            growing,
            str(CORPUS / options.reader),
        ]
        atheris.Setup(libfuzzer, lambda data: read(options.reader, data))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
