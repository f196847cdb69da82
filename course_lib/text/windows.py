"""Windows of words: what a network sees of a sentence, one row for each word."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy import ndarray
from numpy.lib.stride_tricks import sliding_window_view


def context_windows(sentences: ndarray | Sequence[ndarray], reach: int, pad: int = 0) -> ndarray:
    """Each word with `reach` neighbors on either side: (n,) to (n, 2 reach + 1).

        >>> context_windows(np.array([5, 6, 7]), 1)
        array([[0, 5, 6],
               [5, 6, 7],
               [6, 7, 0]])

    sentences: the ids of one sentence (n,), or a list of such arrays: n is then the number of all
        their words, in order. No window reaches into the next sentence.
    reach: neighbors on each side, 0 for the word alone.
    pad: the id that stands beyond the ends of a sentence.
    """
    if reach < 0:
        raise ValueError(f"reach must be at least 0, found {reach}")
    sentences = _as_list(sentences)
    margin = np.full(reach, pad, dtype=np.int64)
    row = np.concatenate([margin, *(part for ids in sentences for part in (ids, margin))])
    centers = _places([len(ids) for ids in sentences], gap=reach)
    if not len(centers):
        return np.empty((0, 2 * reach + 1), np.int64)
    return sliding_window_view(row, 2 * reach + 1)[centers]


def next_word_windows(
    sentences: ndarray | Sequence[ndarray], n: int, pad: int | None = None
) -> tuple[ndarray, ndarray]:
    """The `n` words before each word, and the word itself: contexts (m, n) and targets (m,).

        >>> next_word_windows(np.array([4, 7, 7, 5]), 2)
        (array([[4, 7],
               [7, 7]]), array([7, 5]))

    A context ends just before its target: whatever comes later stays hidden. Words further back
    are dropped. (Bengio et al. 2003, section 2.)

    sentences: the ids of one sentence, or a list of such arrays.
    pad: with an id here, the first words of a sentence are targets too, and their contexts are
        filled up with it on the left. Without, a sentence of k words gives k - n targets.
    """
    if n < 0:
        raise ValueError(f"a context has n >= 0 words, found n = {n}")
    margin = np.full(0 if pad is None else n, 0 if pad is None else pad, dtype=np.int64)
    rows = [np.concatenate([margin, ids]) for ids in _as_list(sentences)]
    rows = [row for row in rows if len(row) > n]
    if not rows:
        return np.empty((0, n), np.int64), np.empty(0, np.int64)
    windows = sliding_window_view(np.concatenate(rows), n + 1)
    starts = _places([len(row) - n for row in rows], gap=n)
    picked = windows[starts]
    return picked[:, :n], picked[:, n]


def _as_list(sentences) -> list[ndarray]:
    one = isinstance(sentences, ndarray) and sentences.ndim == 1
    found = [np.asarray(ids) for ids in ([sentences] if one else sentences)]
    for ids in found:
        if ids.ndim != 1 or (ids.size and ids.dtype.kind not in "iu"):
            raise ValueError(
                f"a sentence is an array of ids (n,), found {ids.dtype} {ids.shape}: "
                "look words up first, vocabulary.ids(words)"
            )
    return [ids.astype(np.int64, copy=False) for ids in found]


def _places(lengths: list[int], gap: int) -> ndarray:
    """0 ... length - 1 for each length, each stretch `gap` beyond the end of the one before."""
    lengths = np.array(lengths, dtype=np.int64)
    shift = np.repeat(np.arange(len(lengths)) * gap, lengths)
    return np.arange(len(shift)) + shift


CAPITALS = ("<pad>", "small", "First", "ALL", "mIxed", "number", "sign")


def capitalization(token: str) -> int:
    """How a token is written, an index into CAPITALS; 0 is kept for the padding.

    "small" village, "First" Paris (also a single letter, A), "ALL" NASA, "mIxed" McKay,
    "number" whatever holds a digit, "sign" whatever holds neither digit nor letter.
    """
    if any(map(str.isdigit, token)):
        return 5
    letters = [c for c in token if c.isalpha()]
    if not letters:
        return 6
    if not any(map(str.isupper, letters)):
        return 1
    if letters[0].isupper() and not any(map(str.isupper, letters[1:])):
        return 2
    return 3 if all(map(str.isupper, letters)) else 4
