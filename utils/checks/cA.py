"""Checks of appendix A, backpropagation through time."""

import keras
import numpy as np
from keras import ops

from utils import gradients

rng = np.random.default_rng(0)


def exercise_1(rnn_backward):
    a, h, loss = rng.normal(size=(3, 6, 3))
    W, h = rng.normal(size=(3, 3)), np.tanh(a)
    found = rnn_backward(loss, h, W)
    if found is ...:
        return ...
    right, transposed = (_rnn(loss, h, M) for M in (W, W.T))
    if np.shape(found) != right.shape:
        return f"δa has the shape of h, {right.shape}; yours has {np.shape(found)}."
    if np.allclose(found, right[::-1]):
        return "The loop goes backwards, so turn what it found around."
    if np.allclose(found, transposed):
        return "Going back, the gradient passes Wᵀ."
    if np.allclose(found, loss * (1 - h**2)):
        return "That is the loss at each step alone. What does the step after say?"
    if not np.allclose(found, right):
        return "δh = ℓ + Wᵀ δa of the step after, and δa = (1 − h²) ⊙ δh."


def _rnn(loss, h, W):
    da = np.zeros((len(h) + 1, h.shape[1]))
    for t in reversed(range(len(h))):
        da[t] = (1 - h[t] ** 2) * (loss[t] + W.T @ da[t + 1])
    return da[:-1]


def exercise_2(truncated):
    n = 3
    gates = rng.uniform(0.1, 0.9, (4, 7, n))
    cells = rng.normal(size=(2, 7, n))
    loss, C_0 = rng.normal(size=(7, n)), rng.normal(size=n)
    W, kept = rng.normal(size=(4 * n, n)), np.concatenate([gates, cells])
    found = truncated(loss, kept, C_0, W, 3)
    if found is ...:
        return ...
    if np.shape(found) != (7, 4 * n):
        return f"δa of all steps is (7, {4 * n}) here; yours is {np.shape(found)}."
    if np.allclose(found, _pieces(loss, kept, C_0, W, 7)):
        return "Nothing is cut: the gradient still goes over the borders."
    if np.allclose(found, _pieces(loss, kept, C_0, W, 3, forget=True)):
        return "The cell before a piece is the last one of the piece before, not C_0."
    if not np.allclose(found, _pieces(loss, kept, C_0, W, 3)):
        return (
            "Call backward_by_hand on rows i to i + k of loss and of each part of kept."
        )


def _pieces(loss, kept, C_0, W, k, forget=False):
    g, f, c, q, C, _ = kept
    out = np.zeros((len(C), len(W)))
    dh, dC = 0, 0
    for t in reversed(range(len(C))):
        if (t + 1) % k == 0 or t == len(C) - 1:
            dh, dC = 0, 0
        before = C_0 if t == 0 or (forget and t % k == 0) else C[t - 1]
        dh, shown = dh + loss[t], np.tanh(C[t])
        dC = dC + q[t] * (1 - shown**2) * dh
        to_c = g[t] * (1 - c[t] ** 2) * dC
        to_g, to_f = g[t] * (1 - g[t]) * c[t] * dC, f[t] * (1 - f[t]) * before * dC
        out[t] = np.concatenate([to_g, to_f, to_c, q[t] * (1 - q[t]) * shown * dh])
        dh, dC = W.T @ out[t], f[t] * dC
    return out


def exercise_3(best_stretch):
    if best_stretch(100) is ...:
        return ...
    for tau in 30, 300, 3000:
        k = best_stretch(tau)
        if abs(k - tau**0.5) < 1e-9:
            return (
                "The right kind of growth. But mark and stretch do not cost the same."
            )
        if abs(k - (tau / 3) ** 0.5) > 0.51:
            return "Set the derivative of 2 τ / k + 6 k by k to 0."


def exercise_4(reverse):
    x = rng.normal(size=(2, 3)).astype("float32")
    found = reverse(ops.convert_to_tensor(x), 0.5)
    if found is ...:
        return ...
    if not np.allclose(ops.convert_to_numpy(found), x):
        return "Forward it changes nothing."
    v = rng.normal(size=(2, 3)).astype("float32")

    def loss(x):
        return ops.sum(ops.convert_to_tensor(v) * reverse(x, 0.5))

    back = gradients.gradient(loss, x)
    if np.allclose(back, v):
        return "The gradient goes back as it came. Is it custom_gradient's?"
    if not np.allclose(back, -0.5 * v, atol=1e-6):
        name = keras.backend.backend()
        return f"On {name} it sends back something other than −strength · gradient."


def exercise_5(answer):
    guess, measured = answer
    if guess is ...:
        return ...
    spans = {"above 0.7": (0.7, 1.01), "0.3 to 0.7": (0.3, 0.7), "below 0.3": (-1, 0.3)}
    if guess not in spans:
        return f"Write one of these as your guess: {', '.join(spans)}."
    if measured is ... or not -1 <= measured <= 1:
        return "Measure the cosine; it lies between −1 and 1."
    if measured > 0.999:
        return "The two are the same. Is W.T @ da gone from the last line of the loop?"
    low, high = spans[guess]
    if not low <= measured <= high:
        return (
            f"It is {measured:.2f}. How much went back through W, and how much along C?"
        )
