"""Training in stages: the best of all of them is what it leaves."""

import numpy as np
import pytest

from course_lib.commands.stages import train_in_stages
from course_lib.layers import Linear, Sequential, Tanh
from course_lib.losses import cross_entropy
from course_lib.training import fit


def overfitted(seed, epochs=30):
    """Random labels: nothing can be learned that holds for others."""
    rng = np.random.default_rng(seed)
    examples = rng.normal(size=(40, 5)), rng.integers(0, 2, 40)
    validation = rng.normal(size=(30, 5)), rng.integers(0, 2, 30)
    model = Sequential(Linear(5, 20, rng=rng), Tanh(), Linear(20, 2, rng=rng))
    found = train_in_stages(
        model, examples, validation, learning_rate=0.05, epochs=epochs, batch_size=8, rng=rng
    )
    return found, cross_entropy(model(validation[0]), validation[1]).value


@pytest.mark.parametrize("seed", range(4))
def test_the_model_is_left_at_the_best_epoch_of_all_stages(seed):
    found, left = overfitted(seed)
    losses = found["validation_loss"]
    assert losses.index(min(losses)) < len(losses) - 3  # later stages did worse
    assert left == pytest.approx(min(losses), rel=1e-12)


def test_ctrl_c_in_a_later_stage_leaves_the_best_of_an_earlier_one(monkeypatch):
    stages = []

    def interrupted_at_once(model, *arguments, **options):
        stages.append(options)
        if len(stages) == 1:
            return fit(model, *arguments, **options)
        model.layers[0].weight.value += 1  # what the steps before Ctrl-C did

        def ctrl_c(yhat, y):
            raise KeyboardInterrupt

        return fit(model, ctrl_c, *arguments[1:], **options)

    monkeypatch.setattr("course_lib.commands.stages.fit", interrupted_at_once)
    found, left = overfitted(0)
    assert len(stages) == 2
    assert found["interrupted"] is True
    assert left == pytest.approx(min(found["validation_loss"]), rel=1e-12)


def test_the_epochs_of_all_stages_are_at_most_so_many():
    found, _ = overfitted(0, epochs=4)
    assert len(found["loss"]) == len(found["validation_loss"]) == 4
