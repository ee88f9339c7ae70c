"""The layers once more, as loops in NumPy (float64), from the equations alone.

Batch first: x is (batch, time, features), mask (batch, time). As in Keras, a masked
step keeps the state and repeats the output before it, which is 0 at the start.
"""

import numpy as np


def simple_rnn(x, kernel, recurrent_kernel, bias, h0=None, mask=None):
    """h(t) = tanh(b + W h(t−1) + U x(t)), document section 4 → (batch, time, units)."""
    batch, time, _ = x.shape
    h = np.zeros((batch, len(bias))) if h0 is None else np.array(h0, float)
    out = np.zeros((batch, time, len(bias)))
    for i in range(batch):
        shown = np.zeros(len(bias))
        for t in range(time):
            if mask is None or mask[i, t]:
                a = bias + recurrent_kernel.T @ h[i] + kernel.T @ x[i, t]
                h[i] = shown = np.tanh(a)
            out[i, t] = shown
    return out


def bidirectional(x, to_future, to_past, starts=(None, None), mask=None):
    """h and g of section 4.1, Schuster & Paliwal 1997: two times (batch, time, units).

    g(t) = tanh(b₂ + W₂ g(t+1) + U₂ x(t)). Both are 0 at masked steps.

    Args:
        to_future, to_past: kernel, recurrent kernel and bias of each direction.
        starts: h(0) and g(time + 1).
    """
    mask = np.ones(x.shape[:2], bool) if mask is None else mask
    both = []
    for weights, start, order in zip(
        (to_future, to_past), starts, (1, -1), strict=True
    ):
        kernel, recurrent_kernel, bias = weights
        out = np.zeros((*x.shape[:2], len(bias)))
        for i in range(len(x)):
            state = np.zeros(len(bias)) if start is None else start[i]
            for t in range(x.shape[1])[::order]:
                if mask[i, t]:
                    a = bias + recurrent_kernel.T @ state + kernel.T @ x[i, t]
                    out[i, t] = state = np.tanh(a)
        both.append(out)
    return both
