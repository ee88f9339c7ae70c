"""Checks of appendix B, several devices."""

import numpy as np


def exercise_1(merge):
    gradients = [np.array([[1.0, 0.0]]), np.array([[5.0, 4.0]]), np.array([[2.0, 2.0]])]
    found = merge([g.copy() for g in gradients], [6, 2, 0])
    if found is ...:
        return ...
    if np.allclose(found, np.mean(gradients, axis=0)):
        return "That is the plain mean: a device with more letters must count for more."
    if np.allclose(
        found, sum(g * n for g, n in zip(gradients, [6, 2, 0], strict=True))
    ):
        return "The weights add up to the number of letters. They should add up to 1."
    if np.shape(found) != (1, 2) or not np.allclose(found, [[2.0, 1.0]]):
        return "With 6, 2 and 0 letters the weights are 6/8, 2/8 and 0."


def exercise_2(share):
    rows = np.arange(24).reshape(24, 1)
    found = share(rows, 8, 1, 2)
    if found is ...:
        return ...
    found = np.ravel(found)
    if np.array_equal(found, np.arange(12, 24)):
        return (
            "That is the second half of all rows: then a step sees other words than "
            "on one device. Each batch of 8 is to be halved."
        )
    if np.array_equal(found, np.arange(1, 24, 2)):
        return (
            "Every second row: each batch is then the same as on one device, but for "
            "the order. Here the second half of each batch is asked for."
        )
    if not np.array_equal(found, [4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23]):
        return "Of batches of 8, process 1 of 2 takes rows 4 to 7, 12 to 15, 20 to 23."
    rest = share(np.arange(29), 8, 0, 4)
    if not np.array_equal(np.ravel(rest), [0, 1, 8, 9, 16, 17]):
        return "A last batch that is not full is left out, for every process."


def exercise_3(sent):
    found = sent(1000, 2)
    if found is ...:
        return ...
    if sent(1000, 1) != 0:
        return "One device alone sends nothing."
    if np.isclose(found, 8000):
        return "That sends all to everybody. In a ring each part travels P − 1 times."
    if np.isclose(found, 2000):
        return "That is half of it: after adding up, the sums must travel back too."
    right = [(1000, 2, 4000), (1000, 4, 6000), (10_000, 5, 64_000)]
    if not all(np.isclose(sent(w, p), bytes) for w, p, bytes in right):
        return "Twice P − 1 messages, each of a P-th of the weights, 4 bytes a weight."


def exercise_4(answer):
    rate, steps = answer
    if rate is ... or steps is ...:
        return ...
    if np.isclose(rate, 0.1):
        return "The batch is 8 times as large. What does the linear rule say?"
    if not np.isclose(rate, 0.8):
        return "By the linear rule, rate and batch grow by the same factor."
    if steps != 100:
        return "51,200 words in batches of 8 × 64."


def exercise_5(answer):
    guess, measured = answer
    if guess is ...:
        return ...
    if guess not in ("larger", "smaller", "same"):
        return 'Write "larger", "smaller" or "same" as your guess.'
    if not 0 < measured < 0.2:
        return (
            f"You measured {measured:.2g}. Are both halves dealt out of the sorted "
            "words, x[order[::2]] and x[order[1::2]]?"
        )
    if guess != "smaller":
        return (
            f"It is smaller, {measured:.2g} of what it was: the halves now have "
            "nearly as many letters each."
        )
