"""Papers of people who do not exist, shipped for demo and training (giấy tờ mẫu)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Paper", "demo_papers", "demo_stack"]

_HERE = Path(__file__).resolve().parent
_DEMO = _HERE / "demo"


@dataclass(frozen=True)
class Paper:
    """One paper of the demo dossier (thành phần hồ sơ).

    `component` is the component's key in the catalogue of procedures; `images` are the file names of its
    sides in order, as they end the paths of `demo_stack()`; `truths` are UTF-8 files with the printed text
    of each side, a line of print a line, empty for a blank side. Seals and signatures are not in the truth.
    """

    name: str
    component: str
    images: tuple[str, ...]
    truths: tuple[Path, ...]


def demo_stack() -> tuple[Path, ...]:
    """The images of the demo in feeding order: a separator sheet in front of each paper's sides.

    A4 colour JPEGs, 2480 × 3508 px at 300 dpi.
    """
    return tuple(_DEMO / image for paper in _papers() for image in (paper["separator"], *paper["images"]))


def demo_papers() -> tuple[Paper, ...]:
    """The papers of the demo dossier (procedure 1.001193, Đăng ký khai sinh) in feeding order."""
    return tuple(
        Paper(
            name=paper["name"],
            component=paper["component"],
            images=tuple(paper["images"]),
            truths=tuple((_DEMO / image).with_suffix(".txt") for image in paper["images"]),
        )
        for paper in _papers()
    )


def _papers() -> list[dict[str, Any]]:
    with (_HERE / "demo.toml").open("rb") as file:
        papers: list[dict[str, Any]] = tomllib.load(file)["paper"]
    return papers
