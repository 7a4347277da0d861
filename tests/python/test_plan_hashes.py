"""Seeded plans give what they gave when tests/data/plan_hashes.txt was written, whatever the threads.

`python tests/python/test_plan_hashes.py --write` writes the hashes anew; its CHANGELOG line says why.
"""

import sys
from pathlib import Path

import pytest

import headrace as hr
import plan_texts

FILE = Path(__file__).parents[1] / "data" / "plan_hashes.txt"
LINES = [line.split(maxsplit=1) for line in FILE.read_text().splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize(("stored", "text"), LINES, ids=[text for _, text in LINES])
def test_a_plan_gives_what_it_always_gave(stored: str, text: str) -> None:
    for threads in (1, 2, 3, 8, 16):
        given = plan_texts.output(plan_texts.build(text).with_options(threads=threads))
        assert plan_texts.digest(given) == stored, f"{threads} threads"


def test_every_stage_is_in_a_plan() -> None:
    named = {stage.split()[0] for _, text in LINES for stage in text.split(" | ")}
    assert {stage["name"] for stage in hr._core.stages()} - named - {"apply"} == set()


def write() -> None:
    lines = FILE.read_text().splitlines()
    for i, line in enumerate(lines):
        if line and not line.startswith("#"):
            text = line.split(maxsplit=1)[1]
            lines[i] = f"{plan_texts.digest(plan_texts.output(plan_texts.build(text)))}  {text}"
    FILE.write_text("\n".join(lines) + "\n")


if __name__ == "__main__" and sys.argv[1:] == ["--write"]:
    write()
