"""What a submission may use while it is marked."""

from __future__ import annotations

from dataclasses import dataclass

from ..checks.observing import Question

MIB = 2**20
INSTANCES = 8  # of an exercise, at most: those that `check` uses, and as many again


@dataclass(frozen=True)
class Limits:
    """`cells`: seconds for all code cells of a notebook together. `memory`: bytes of address space.

    `scratch`: bytes of all files in its folder, each at most `file`; `files`: how many it may have,
    `handles`: how many may be open at once. `threads`: how many may run for longer than a moment.
    `result`: numbers in a result.
    """

    cells: float = 60.0
    memory: int = 2048 * MIB
    scratch: int = 64 * MIB
    file: int = 16 * MIB
    files: int = 1000
    handles: int = 64
    threads: int = 64
    result: int = 40_000

    def seconds(self, questions: list[Question]) -> float:
        """The wall time of one run: all cells, and every exercise to its own limits."""
        return self.cells + sum(INSTANCES * question.seconds for question in questions) + 5.0

    def told(self) -> str:
        """The limits in words, for students."""
        return (
            f"All cells of a notebook together may run for {self.cells:g} seconds, and an "
            "exercise's function for as long as its check in the notebook allows. There are "
            f"{self.memory // MIB:,} MiB of memory, one process of {self.threads} threads, "
            f"{self.scratch // MIB} MiB of files in an empty folder, no network, and no files but "
            "those of Python and its packages."
        )


LIMITS = Limits()
