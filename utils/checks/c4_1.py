"""Checks of chapter 4.1, the bidirectional RNN."""

import math

import numpy as np


def exercise_1(answer):
    if not abs(answer - math.tanh(math.tanh(math.tanh(1)))) < 6e-4:
        return "Begin at the end: g(3) = tanh(1), and then go back to g(2)."


def exercise_2(reverse):
    x, lengths = np.random.default_rng(0).normal(size=(3, 6, 2)), np.array([6, 4, 0])
    found = reverse(x.copy(), lengths)
    if found is ...:
        return ...
    if np.shape(found) != x.shape:
        return f"The shape is {np.shape(found)}, and should be that of x, {x.shape}."
    if not np.array_equal(found[0], x[0, ::-1]):
        return "A sequence without filling is not turned round."
    if not np.array_equal(found[1, 4:], x[1, 4:]):
        return "The filling has moved."
    if not np.array_equal(found[1, :4], x[1, 3::-1]):
        return "The real steps of a short sequence are not turned round."
    if not np.array_equal(found[2], x[2]):
        return "A sequence without a real step must stay as it is."


def exercise_3(answer):
    if tuple(answer) == (8, 8):
        return "h has read everything at step 8. Which step does g read last?"
    if tuple(answer) != (8, 1):
        return "Each direction ends where it has read everything."


def exercise_4(is_zero):
    if is_zero(1, 1, 0) is ...:
        return ...
    for t, s, r in np.ndindex(5, 9, 4):
        if bool(is_zero(t, s, r)) != (s > t + r):
            return f"Look at t = {t}, s = {s}, r = {r}: has the network read letter s?"


def exercise_5(answer):
    guessed, counted = answer
    if ... in (guessed, counted):
        return ...
    if counted == 0:
        return "That is the map with the turn. Flip g once more along the time axis."
    if counted == 28:
        return "That is the map of one direction. Put h and the unturned g together."
    if counted != 12:
        return "Row t sees the steps up to t by h, and those from 9 − t on by g."
