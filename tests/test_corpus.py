"""Bytes that readers once failed on, and those that fuzzing starts from, read again."""

from __future__ import annotations

import pytest

from tests.readers import CORPUS, READERS, read

FILES = sorted(path for path in CORPUS.glob("*/*") if path.is_file())


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_reader_takes_or_refuses_every_file_of_its_corpus(path):
    result = read(path.parent.name, path.read_bytes())

    assert result is not None or path.name.startswith("find-")


def test_every_reader_has_a_corpus_to_start_from():
    assert {path.parent.name for path in FILES} == READERS.keys()
