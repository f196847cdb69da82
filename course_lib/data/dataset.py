"""A table of examples: the inputs, the label of each, and names for both."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Labeled examples; row i of `inputs` belongs to entry i of `targets`.

    inputs: float array, one example along the first axis.
    targets: int64 array of shape (n,), class numbers that count from 0.
    feature_names: a name for each number of one example, in the order of `inputs[i].ravel()`.
    target_names: the name of each class; `target_names[targets[i]]` is the class of row i.
    """

    inputs: np.ndarray
    targets: np.ndarray
    feature_names: tuple[str, ...]
    target_names: tuple[str, ...]

    def __repr__(self) -> str:
        classes = ", ".join(self.target_names)
        return f"Dataset(inputs {self.inputs.shape}, targets {self.targets.shape}: {classes})"
