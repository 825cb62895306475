"""The page on exports: its examples run and its list of losses is whole."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

from tests.service import ROOT, run
from zones_api.formats.exports.losses import LossCode

PAGE = (ROOT / "docs" / "exports.md").read_text("utf-8")
ONLY_IN_FORMATS = {
    *("USPACE_NOT_KNOWN", "CIRCLE_OUTLINED", "HOLE_FILLED", "OUTLINE_SIMPLIFIED", "LIMIT_ROUNDED"),
    *("REFERENCE_CHANGED", "HEIGHTS_LEFT_OUT", "DAYLIGHT_EVENT", "TIMES_LEFT_OUT", "LANGUAGE_CHOSEN"),
    *("COUNTRY_MAPPED", "LANGUAGE_SHORTENED", "TEXT_TOO_LONG", "WORD_NOT_KNOWN", "MEMBER_KEPT_ASIDE"),
    *("ZONE_NEVER_IN_FORCE", "NOTICE_LEFT_OUT", "DATA_SET_EXPIRED", "METADATA_LEFT_OUT"),
}
"""Told by the table of formats, or by their own sentences."""


def test_the_examples_run(tmp_path: Path) -> None:
    commands = re.findall(r"^\$ zones (.+)$", PAGE, re.MULTILINE)

    assert len(commands) == 3
    for command in commands:
        *arguments, _, name = shlex.split(command)
        finished = run({"PYTHONPATH": str(ROOT)}, *arguments, "--output", str(tmp_path / name))
        assert finished.returncode == 0, finished.stderr
        assert json.loads((tmp_path / name).read_bytes())


def test_every_loss_from_a_doubt_is_explained() -> None:
    assert [code for code in LossCode if f"`{code}`" not in PAGE] == [
        code for code in LossCode if code in ONLY_IN_FORMATS
    ]
