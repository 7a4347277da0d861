"""./dev bench [ROW...]: measures headrace against NumPy by hand and every installed peer, within one process.

Each row checks its answer before it times anything. Prints the times, and the figures beside the bars to reach; exits
with 1 where a bar is missed.
"""

import argparse
import json
import sys
from dataclasses import asdict

import arrays
import combiners
import endless
import footprint
import functions
import hdf5
import images
import npy
import peers
import program
import sequences
import tables
import tensors
from measure import Figure, Row

ROWS = {
    **arrays.ROWS, **functions.ROWS, **combiners.ROWS, **sequences.ROWS, **tensors.ROWS, **hdf5.ROWS, **images.ROWS, **npy.ROWS,
    **tables.ROWS, **program.ROWS, **endless.ROWS, **footprint.ROWS,
}


def show_seconds(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}" if seconds < 1000 * size else f"{seconds / size:,.0f} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def show_times(rows: list[Row]) -> str:
    """A Markdown table: a column for each contestant; a star says that its time is scaled."""
    names = list(dict.fromkeys(name.rstrip("*") for row in rows for name in row.seconds))
    lines = ["| work | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for row in rows:
        cells = dict.fromkeys(names, "")
        for name, seconds in row.seconds.items():
            cells[name.rstrip("*")] = show_seconds(seconds) + "*" * name.endswith("*")
        lines.append(f"| {row.work} | " + " | ".join(cells.values()) + " |")
    return "\n".join(lines)


def show_figure(work: str, figure: Figure) -> str:
    bar = "" if figure.bar is None else f"{'>=' if figure.at_least else '<='} {figure.bar:g} {figure.unit}"
    met = {None: "", True: "yes", False: "**no**"}[figure.met]
    return f"| {work} | {figure.what} | {figure.value:.3g} {figure.unit} | {bar} | {met} |"


def show_figures(rows: list[Row]) -> str:
    lines = ["| work | figure | measured | to reach | met |", "|---|---|---|---|---|"]
    return "\n".join(lines + [show_figure(row.work, figure) for row in rows for figure in row.figures])


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", choices=[[], *ROWS], metavar="ROW", help=", ".join(ROWS) + "; none: all")
    parser.add_argument("--json", metavar="FILE", help="write the figures there too")
    parser.add_argument("--no-peers", action="store_true", help="only headrace and NumPy")
    options = parser.parse_args()
    peers.wanted = not options.no_peers
    rows = []
    for name in options.rows or ROWS:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        rows.append(ROWS[name]())
    print(show_figures(rows), "\n", show_times(rows), "(* measured on fewer rows, scaled)", sep="\n")
    if options.json:
        with open(options.json, "w") as file:
            json.dump([asdict(row) for row in rows], file, indent=1)
    return 0 if all(figure.met is not False for row in rows for figure in row.figures) else 1


if __name__ == "__main__":
    sys.exit(main())
