"""`python -m recsys record architecture`: the drawing of the packages in docs/architecture.md, from their imports."""

from __future__ import annotations

import argparse
import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

from recsys.cli.parsing import no_arguments
from recsys.paths import PACKAGE

ABOUT = "Print the packages and the imports between them for docs/architecture.md, as Mermaid and Markdown."
EXAMPLE = "python -m recsys record architecture"
TOP = ("__init__", "__main__")
"""The modules that nothing below imports: what is public, and the command line."""
BASE = "base"
"""The modules beside the packages, which all of them use; one box of the drawing."""
add_arguments = no_arguments


def run(_options: argparse.Namespace) -> None:
    print(f"{drawing()}\n\n{table()}")


def imports(package: Path = PACKAGE) -> dict[str, set[str]]:
    """Box -> boxes that it imports, also for types alone; from top to bottom. Raises CycleError for a circle."""
    found: dict[str, set[str]] = {}
    for path in package.rglob("*.py"):
        box = _box(path.relative_to(package).with_suffix("").parts[0], package)
        names = {_box(name, package) for name in _imported(path, package.name)}
        found.setdefault(box, set()).update(names - {box})
    # What imports comes before what is imported; equals are sorted by name.
    height: dict[str, int] = {}
    for box in TopologicalSorter(found).static_order():
        height[box] = 1 + max((height[below] for below in found[box]), default=0)
    return {box: found[box] for box in sorted(found, key=lambda box: (-height[box], box))}


def drawing() -> str:
    """A Mermaid graph, without the arrows that others imply."""
    found = imports()
    reached: dict[str, set[str]] = {}
    for box in reversed(found):
        reached[box] = found[box].union(*(reached[below] for below in found[box]))
    base = sorted(path.name for path in PACKAGE.glob("*.py") if path.stem not in TOP)
    lines = [
        "```mermaid",
        "flowchart TD",
        f'    {BASE}["{", ".join(base)}"]',
        *(f'    {top}["{top}.py"]' for top in TOP),
    ]
    for box, below in found.items():
        direct = (each for each in below if not any(each in reached[other] for other in below))
        lines += [f"    {box} --> {each}" for each in sorted(direct)]
    return "\n".join([*lines, "```"])


def table() -> str:
    """A Markdown table of all arrows."""
    found = imports()
    lines = ["| | imports |", "|---|---|"]
    for box, below in found.items():
        if below:
            lines.append(f"| `{box}` | {', '.join(f'`{each}`' for each in found if each in below)} |")
    return "\n".join(lines)


def _imported(path: Path, package: str) -> Iterator[str]:
    """What a file imports of the package: the first name below it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name.split(".")[1] for name in names if name.startswith(f"{package}."))


def _box(name: str, package: Path) -> str:
    return name if name in TOP or (package / name).is_dir() else BASE
