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


def plain_sweep(x, weights):
    """h(t) = tanh(b + W h(t−1) + U x(t)) over one sequence (time, features)."""
    kernel, recurrent_kernel, bias = weights
    h, out = np.zeros(len(bias)), []
    for step in x:
        h = np.tanh(bias + recurrent_kernel.T @ h + kernel.T @ step)
        out.append(h)
    return np.array(out)


def both_ways(x, to_future, to_past):
    """[h; g] over one sequence (time, features), without a mask."""
    g = plain_sweep(x[::-1], to_past)[::-1]
    return np.concatenate([plain_sweep(x, to_future), g], axis=-1)


def four_directions(x, right, left, down, up):
    """The document's four sweeps over (batch, rows, columns, d), weights for each."""
    out = []
    for image in x:
        across = np.stack([both_ways(row, right, left) for row in image])
        columns = image.transpose(1, 0, 2)
        along = np.stack([both_ways(column, down, up) for column in columns], axis=1)
        out.append(np.concatenate([across, along], axis=-1))
    return np.stack(out)


def renet(x, down, up, right, left, patch=(1, 1)):
    """Visin et al. 2015, eq. 1–4: vertical over patches, then horizontal over V."""
    p, q = patch
    out = []
    for image in x:
        rows, columns = image.shape[0] // p, image.shape[1] // q
        cut = [
            [
                image[i * p : i * p + p, j * q : j * q + q].ravel()
                for j in range(columns)
            ]
            for i in range(rows)
        ]
        patches = np.array(cut)
        V = [both_ways(patches[:, j], down, up) for j in range(columns)]
        V = np.stack(V, axis=1)
        out.append(np.stack([both_ways(row, right, left) for row in V]))
    return np.stack(out)


def multi_dimensional(x, U, b, W1, W2):
    """Graves et al. 2007, one hidden layer a corner, as a loop over pixels.

    h(i,j) = tanh(b + U x(i,j) + W₁ h(i∓1,j) + W₂ h(i,j∓1)), corners in the order above
    left, above right, below left, below right; each of U, b, W₁, W₂ starts with 4.
    """
    batch, rows, columns, _ = x.shape
    out = []
    for corner, (down, right) in enumerate([(1, 1), (1, -1), (-1, 1), (-1, -1)]):
        h = np.zeros((batch, rows, columns, b.shape[1]))
        for i in range(rows)[::down]:
            for j in range(columns)[::right]:
                a = b[corner] + x[:, i, j] @ U[corner]
                if 0 <= i - down < rows:
                    a = a + h[:, i - down, j] @ W1[corner]
                if 0 <= j - right < columns:
                    a = a + h[:, i, j - right] @ W2[corner]
                h[:, i, j] = np.tanh(a)
        out.append(h)
    return np.concatenate(out, axis=-1)
