"""The options that both commands have."""

from __future__ import annotations

import argparse
from collections.abc import Callable


def at_least(smallest: int) -> Callable[[str], int]:
    """The type of an option: bad numbers are refused before a large file is read."""

    def whole_number(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = None
        if number is None or number < smallest:
            expected = f"expected a whole number of at least {smallest}"
            raise argparse.ArgumentTypeError(f"{expected}, found {text}")
        return number

    return whole_number


def parser_of(command: str, description: str, *, epochs: int, batch_size: int):
    """An ArgumentParser that knows the files and everything about training."""
    parser = argparse.ArgumentParser(
        prog=f"python -m course_lib.commands.{command}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add, number = parser.add_argument, at_least(1)
    add("train", metavar="FILE", help="what to train on")
    add("--dev", metavar="FILE", help="what tells when to stop")
    add("--test", metavar="FILE", help="what to score, looked at once")
    add("--output", metavar="FOLDER", default=command, help=f"for network and results ({command})")
    add("--minimum", type=number, default=2, help="a rarer word becomes <unk> (2)")
    add("--dropout", type=float, default=0.3, help="rate of the dropout (0.3)")
    add("--epochs", type=number, default=epochs, help=f"at most so many ({epochs})")
    add("--batch-size", type=number, default=batch_size, help=f"words a step ({batch_size})")
    add("--learning-rate", type=float, default=2e-3, help="of Adam, at first (0.002)")
    add("--seed", type=at_least(0), default=0, help="of all chance (0)")
    return parser
