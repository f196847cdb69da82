"""Training: minibatches, the loop around forward, backward and step, and early stopping."""

from __future__ import annotations  # or naming np.random would import it, 12 ms

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy import ndarray

from .graph import Node, no_grad
from .layers import Layer, generator, get_state, set_state
from .optimizers import Optimizer
from .progress import progress_bar
from .values import shown


@dataclass
class History:
    """What fit() saw, one number per epoch.

    `loss` is the mean over the examples of the epoch, each taken before the step that used it;
    `validation_loss` is taken after the epoch. `interrupted` tells that Ctrl-C ended the training.
    """

    loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    interrupted: bool = False


def minibatches(count: int, batch_size: int, rng: np.random.Generator) -> Iterator[ndarray]:
    """The row numbers 0 ... count - 1 in random order, `batch_size` at a time, the rest last."""
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, found {batch_size}")
    order = rng.permutation(count)
    for start in range(0, count, batch_size):
        yield order[start : start + batch_size]


def fit(
    model: Layer,
    loss: Callable[[Node, ndarray], Node],
    inputs: ndarray,
    targets: ndarray,
    *,
    optimizer: Optimizer,
    epochs: int,
    batch_size: int | None = None,
    validation: tuple[ndarray, ndarray] | None = None,
    patience: int | None = None,
    rng: np.random.Generator | None = None,
    progress: bool = True,
) -> History:
    """Train `model` in place and return its History.

    inputs (n, ...) and targets (n, ...) are arrays whose rows are examples; `loss(prediction,
    target)` is a mean over rows. Each epoch runs over all of them, in one batch by default, else in
    shuffled batches of `batch_size` (`rng` shuffles; seed 0 by default). With `validation` =
    (inputs, targets) their loss is taken after each epoch; `patience` epochs in a row without a new
    minimum then end the training, and the parameters of the minimum are restored.

    Ctrl-C ends the training early and keeps what was learned so far. A loss that is not finite
    raises FloatingPointError, bad data ValueError or TypeError. In any case the model is left in
    evaluation mode, and under `patience` at its best.
    """
    if not isinstance(model, Layer):
        raise TypeError(f"model must be a Layer, found {shown(model)}: wrap it in Sequential(...)")
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"optimizer must be one such as SGD(...), found {shown(optimizer)}")
    _check_examples("inputs", inputs, targets)
    if patience is not None and validation is None:
        raise ValueError("patience needs validation data to watch: validation=(inputs, targets)")
    if patience is not None and patience < 1:
        raise ValueError(f"patience must be at least 1 epoch, found {patience}")
    if validation is not None:
        if not isinstance(validation, tuple | list) or len(validation) != 2:
            raise TypeError("validation must be a pair (inputs, targets)")
        _check_examples("validation inputs", *validation)
    history, best = History(), _Best(model)
    rng = np.random.default_rng(0) if rng is None else generator(rng)
    bar = progress_bar(range(epochs), desc="epochs") if progress else range(epochs)
    try:
        for epoch in bar:
            if batch_size is None:
                batches = [slice(None)]
            else:
                batches = minibatches(len(inputs), batch_size, rng)
            epoch_loss = _train(model, loss, inputs, targets, batches, optimizer, epoch)
            model.eval()
            if validation is not None:
                validation_loss = _loss_of(model, loss, *validation, batch_size)
                _check_finite("validation loss", validation_loss, epoch, optimizer)
                history.validation_loss.append(validation_loss)
            history.loss.append(epoch_loss)
            if progress:
                bar.set_postfix_str(f"loss {epoch_loss:.3g}", refresh=False)
            if patience is not None and best.watch(history.validation_loss) >= patience:
                break
    except KeyboardInterrupt:
        history.interrupted = True
        if progress:
            print(f"stopped by Ctrl-C after {len(history.loss)} epochs: what was learned is kept")
    finally:
        model.eval()
        for parameter in optimizer.parameters:  # an interrupted step leaves nothing behind
            parameter.grad = None
        if patience is not None:
            best.restore()
    return history


def _train(model, loss, inputs, targets, batches, optimizer, epoch) -> float:
    """One epoch: forward, backward and a step per batch. Returns the mean loss over examples."""
    model.train()
    total = 0.0
    with np.errstate(over="ignore", invalid="ignore"):  # _check_finite names the cause
        for batch in batches:
            batch_loss = loss(model(inputs[batch]), targets[batch])
            if type(batch_loss) is not Node or batch_loss.shape:
                raise TypeError(f"the loss must be a Node of one number, found {shown(batch_loss)}")
            _check_finite("loss", batch_loss.value, epoch, optimizer)
            batch_loss.backward(free=True)
            optimizer.step()
            total += batch_loss.value * len(targets[batch])
    return total / len(inputs)


class _Best:
    """The state of the model at the smallest validation loss so far."""

    def __init__(self, model: Layer):
        self.model, self.epoch, self.loss, self.state = model, -1, math.inf, None

    def watch(self, losses: list[float]) -> int:
        """Remember the state at a new minimum; return how many epochs ago the smallest loss was."""
        if losses[-1] < self.loss:
            self.epoch, self.loss = len(losses) - 1, losses[-1]
            self.state = get_state(self.model)
        return len(losses) - 1 - self.epoch

    def restore(self) -> None:
        if self.state is not None:
            set_state(self.model, self.state)


def _loss_of(model, loss, inputs, targets, batch_size) -> float:
    """The mean loss over examples, a batch at a time: memory stays that of training."""
    total, size = 0.0, batch_size or len(inputs)
    with no_grad(), np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, len(inputs), size):
            rows = slice(start, start + size)
            total += loss(model(inputs[rows]), targets[rows]).value * len(targets[rows])
    return total / len(inputs)


def _check_finite(what: str, value: float, epoch: int, optimizer: Optimizer) -> None:
    if not math.isfinite(value):
        raise FloatingPointError(
            f"the {what} became {value} in epoch {epoch + 1}: the learning rate "
            f"{optimizer.learning_rate} is probably too large, try a tenth of it"
        )


def _check_examples(what: str, inputs: ndarray, targets: ndarray) -> None:
    for name, x in ((what, inputs), ("targets", targets)):
        if type(x) is not ndarray or not x.ndim:
            kind = type(x).__name__
            raise TypeError(f"{name} must be an array, found a {kind}: use np.array(...)")
        if x.dtype.kind == "f" and not np.isfinite(x).all():
            place = tuple(int(i) for i in np.argwhere(~np.isfinite(x))[0])
            raise ValueError(f"{name} must be finite, found {x[place]} at {place}")
    if len(inputs) != len(targets) or not len(inputs):
        raise ValueError(
            f"found {len(inputs)} rows of {what} and {len(targets)} targets, expected as many "
            "and at least one"
        )
