"""The table of chapters: the one place that says which there are."""

from typing import NamedTuple


class Chapter(NamedTuple):
    """A chapter; `name` is that of its lesson, its problem set and its files in `checks`."""

    number: int
    name: str
    title: str
    minutes: int


CHAPTERS = (
    Chapter(0, "00_start_here", "Start here", 25),
    Chapter(1, "01_chain_rule", "The chain rule", 60),
    Chapter(2, "02_jacobians", "Jacobians", 75),
    Chapter(3, "03_logistic_regression", "Logistic regression", 75),
    Chapter(4, "04_learned_features", "Learned features", 75),
    Chapter(5, "05_backprop_without_forks", "Backprop without forks", 90),
    Chapter(6, "06_layers_and_batches", "Layers and batches", 75),
    Chapter(7, "07_computational_graphs", "Computational graphs", 90),
    Chapter(8, "08_backprop_with_forks", "Backprop with forks", 75),
    Chapter(9, "09_cross_entropy", "Cross-entropy", 70),
    Chapter(10, "10_iris_classifiers", "Iris classifiers", 90),
    Chapter(11, "11_activations", "Activations", 80),
    Chapter(12, "12_training_in_practice", "Training in practice", 100),
    Chapter(13, "13_convolution", "Convolution", 85),
    Chapter(14, "14_named_entities", "Named entities", 85),
    Chapter(15, "15_neural_language_model", "A neural language model", 90),
    Chapter(16, "16_capstone", "Capstone", 90),
)
