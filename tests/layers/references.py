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


def stacked(x, layers, starts=None, mask=None):
    """Way one of section 4.2, Pascanu et al. 2014: the states of every layer.

    h(t) = tanh(b₁ + W₁ h(t−1) + U x(t)); z(t) = tanh(b₂ + W₂ z(t−1) + R h(t)); and so
    on. Returns a list of (batch, time, units), the lowest layer first.

    Args:
        layers: kernel, recurrent kernel and bias of each layer; R is the second kernel.
        starts: the state of each layer before the first step.
    """
    starts = [None] * len(layers) if starts is None else starts
    states = []
    for weights, start in zip(layers, starts, strict=True):
        states.append(simple_rnn(x, *weights, start, mask))
        x = states[-1]
    return states


def stacked_with_skips(x, layers, to_output, bias_out, mask=None):
    """Graves 2013, eq. 1–3: input → every layer, every layer → output.

    hⁿ(t) = tanh(Uⁿ x(t) + Rⁿ hⁿ⁻¹(t) + Wⁿ hⁿ(t−1) + bⁿ); s(t) = c + Σₙ Vⁿ hⁿ(t).

    Args:
        layers: (U, R, W, b) of each layer; the R of the lowest is None.
        to_output: Vⁿ of each layer.

    Returns:
        s, and the list of hⁿ: each (batch, time, units).
    """
    h = [np.zeros((*x.shape[:2], len(bias))) for *_, bias in layers]
    s = np.zeros((*x.shape[:2], len(bias_out)))
    for i, t in np.ndindex(x.shape[:2]):
        if mask is None or mask[i, t]:
            s[i, t] = bias_out
            for n, (U, R, W, b) in enumerate(layers):
                a = b + U.T @ x[i, t]
                a = a if t == 0 else a + W.T @ h[n][i, t - 1]
                a = a if R is None else a + R.T @ h[n - 1][i, t]
                h[n][i, t] = np.tanh(a)
                s[i, t] += to_output[n].T @ h[n][i, t]
        elif t > 0:
            for each in (*h, s):
                each[i, t] = each[i, t - 1]
    return s, h


def deep_transition_step(x, h, deep_input, U, transition, W_s=None, identity=False):
    """h(t) from x(t) and h(t−1), both vectors; see `deep_transition`."""
    for weight, bias in deep_input:
        x = np.tanh(bias + weight.T @ x)
    z = h
    for level, (weight, bias) in enumerate(transition):
        a = bias + weight.T @ z
        if level == 0:
            a = a + U.T @ x
        if W_s is not None and level == len(transition) - 1:
            a = a + W_s.T @ h
        z = np.tanh(a)
    return h + z if identity else z


def deep_transition(
    x, deep_input, U, transition, output, W_s=None, identity=False, h0=None, mask=None
):
    """Ways two and three of section 4.2 (DT-, DOT-, DT(S)-RNN of Pascanu et al. 2014).

    u = tanh(… tanh(x(t))) through the input's hidden layers; z₁ = tanh(b₁ + W₁ h(t−1) +
    U u), z₂ = tanh(b₂ + W₂ z₁), …, h(t) = tanh(b + W z + W_s h(t−1)); with the identity
    instead h(t) = h(t−1) + tanh(b + W z). s(t) is affine in tanh(… tanh(h(t))).

    Args:
        deep_input: (kernel, bias) of the hidden layers between x and U; [] for none.
        transition: (W₁, b₁), (W₂, b₂), …, at least one; its length is the depth.
        output: (kernel, bias) of each layer from h to s, the last affine; [] if s = h.

    Returns:
        s and h, both (batch, time, units).
    """
    units = len(transition[-1][1])
    state = np.zeros((len(x), units)) if h0 is None else np.array(h0, float)
    h = np.zeros((*x.shape[:2], units))
    s = np.zeros((*x.shape[:2], len(output[-1][1]) if output else units))
    for i, t in np.ndindex(x.shape[:2]):
        if mask is None or mask[i, t]:
            weights = deep_input, U, transition, W_s, identity
            y = state[i] = deep_transition_step(x[i, t], state[i], *weights)
            for level, (weight, bias) in enumerate(output):
                y = bias + weight.T @ (y if level == 0 else np.tanh(y))
            h[i, t], s[i, t] = state[i], y
        elif t > 0:
            h[i, t], s[i, t] = h[i, t - 1], s[i, t - 1]
    return s, h


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm_step(x, h, C, weights, peephole=None, output_peephole="current"):
    """One step of section 4.3.1: g, f, a, q and the new C and h, (batch, units).

    f = σ(b_f + U_f x + W_f h + p_f ⊙ C(t−1)), g likewise, a = tanh(b + U x + W h),
    C(t) = f ⊙ C(t−1) + g ⊙ a, q = σ(… + p_o ⊙ C(t)), h(t) = q ⊙ tanh(C(t)).
    """
    kernel, recurrent_kernel, bias = weights
    packed = bias + x @ kernel + h @ recurrent_kernel
    for_g, for_f, for_a, for_q = np.split(packed, 4, axis=-1)
    p_g, p_f, p_q = (0, 0, 0) if peephole is None else peephole
    g, f = sigmoid(for_g + p_g * C), sigmoid(for_f + p_f * C)
    a = np.tanh(for_a)
    C_new = f * C + g * a
    q = sigmoid(for_q + p_q * (C_new if output_peephole == "current" else C))
    return g, f, a, q, C_new, q * np.tanh(C_new)


def lstm(
    x,
    kernel,
    recurrent_kernel,
    bias,
    h0=None,
    C0=None,
    mask=None,
    peephole=None,
    output_peephole="current",
):
    """Section 4.3.1, Gers et al. 2000: outputs (batch, time, units), last h, last C.

    Args:
        kernel, recurrent_kernel, bias: packed as in Keras: input gate (the document's
            g), forget gate f, candidate, output gate (the document's q).
        peephole: diagonals of the input, forget and output gates, each (units,), Gers &
            Schmidhuber 2000. The first two see C(t−1).
        output_peephole: "current": the output gate sees C(t); "previous": C(t−1), the
            document's literal reading.
    """
    zeros = np.zeros((len(x), len(bias) // 4))
    h = zeros if h0 is None else np.array(h0, float)
    C = zeros if C0 is None else np.array(C0, float)
    out, weights = [], (kernel, recurrent_kernel, bias)
    for t in range(x.shape[1]):
        real = np.ones((len(x), 1), bool) if mask is None else mask[:, t, None]
        *_, C_new, h_new = lstm_step(x[:, t], h, C, weights, peephole, output_peephole)
        C, h = np.where(real, C_new, C), np.where(real, h_new, h)
        out.append(np.where(real, h_new, out[-1] if out else zeros))
    return np.stack(out, axis=1), h, C


def lstm_backward(x, kernel, recurrent_kernel, bias, direct, h0, C0, without=()):
    """The terms of ∇_h(t) L and ∇_C(t) L of an LSTM without peepholes, by hand.

    ∇_h(t) = direct(t) + W_fᵀ[f(1−f) ⊙ ∇_f] + W_gᵀ[g(1−g) ⊙ ∇_g] + W_oᵀ[q(1−q) ⊙ ∇_q] +
    Wᵀ[g(1−a²) ⊙ ∇_C(t+1)], with ∇_f = ∇_C(t+1) ⊙ C(t), ∇_g = ∇_C(t+1) ⊙ a and
    ∇_q = ∇_h(t+1) ⊙ tanh C(t+1), the gates at t+1;
    ∇_C(t) = ∇_h(t) ⊙ q(t) ⊙ (1−tanh² C(t)) + f(t+1) ⊙ ∇_C(t+1).

    Args:
        direct: Vᵀ ∇_s(t) L, (batch, time, units): what the loss gives h(t) at once.
        without: names of terms to leave out of the recursion.

    Returns:
        Two dicts of (batch, time, units). The entries of each add up to the gradient:
        loss, forget, input, output, candidate to ∇_h; state, constant to ∇_C.
    """
    steps, h, C = [], h0, C0
    for t in range(x.shape[1]):
        steps.append(lstm_step(x[:, t], h, C, (kernel, recurrent_kernel, bias)))
        C, h = steps[-1][-2:]
    W_g, W_f, W_a, W_q = np.split(recurrent_kernel.T, 4)
    dh = dC = g = f = a = q = C_next = np.zeros(C.shape)  # nothing after the last step
    for_h, for_C = [], []
    for t in reversed(range(x.shape[1])):
        C = steps[t][4]
        for_h.append(
            {
                "loss": direct[:, t],
                "forget": (f * (1 - f) * dC * C) @ W_f,
                "input": (g * (1 - g) * dC * a) @ W_g,
                "output": (q * (1 - q) * dh * np.tanh(C_next)) @ W_q,
                "candidate": (g * (1 - a**2) * dC) @ W_a,
            }
        )
        carried = f * dC
        dh = add_up(for_h[-1], without)
        g, f, a, q, C_next, _ = steps[t]
        for_C.append({"state": dh * q * (1 - np.tanh(C) ** 2), "constant": carried})
        dC = add_up(for_C[-1], without)
    return in_time(for_h), in_time(for_C)


def add_up(terms, without):
    """Zeroes the terms left out, in place, and adds up the rest."""
    for name in set(terms) & set(without):
        terms[name] = np.zeros_like(terms[name])
    return sum(terms.values())


def in_time(backwards):
    """Dicts from the last step to the first → dict of (batch, time, units)."""
    names = backwards[0]
    return {n: np.stack([step[n] for step in backwards[::-1]], 1) for n in names}


def onnx_operator(name, feed, outputs, **attributes):
    """What ONNX's reference operator gives, in the order of `outputs`.

    It ignores the lengths of sequences: never compare masks with it.
    """
    from onnx import helper
    from onnx.reference import ReferenceEvaluator

    inputs = [key if key in feed else "" for key in "X W R B lengths h C P".split()]
    inputs = inputs[: 8 if name == "LSTM" else 6]
    node = helper.make_node(name, inputs, outputs, **attributes)
    return ReferenceEvaluator(node).run(None, feed)


def onnx_rnn(x, *directions, starts=None):
    """`simple_rnn` or, with weights for two directions, `bidirectional`: a list."""
    kernels, recurrent_kernels, biases = zip(*directions, strict=True)
    feed = {
        "X": np.swapaxes(x, 0, 1),
        "W": np.stack([kernel.T for kernel in kernels]),
        "R": np.stack([kernel.T for kernel in recurrent_kernels]),
        "B": np.stack([np.concatenate([bias, 0 * bias]) for bias in biases]),
    }
    if starts is not None:
        feed["h"] = np.stack(starts)
    direction = "forward" if len(directions) == 1 else "bidirectional"
    options = {"hidden_size": len(biases[0]), "direction": direction}
    (y,) = onnx_operator("RNN", feed, ["Y"], **options)
    return [np.swapaxes(y[:, i], 0, 1) for i in range(len(directions))]


def onnx_lstm(x, kernel, recurrent_kernel, bias, h0=None, C0=None, peephole=None):
    """`lstm` without a mask; ONNX packs input, output, forget, candidate."""

    def packed(weight, order=(0, 3, 1, 2)):
        blocks = np.split(weight, len(order), axis=-1)
        return np.concatenate([blocks[i] for i in order], axis=-1).T[None]

    feed = {
        "X": np.swapaxes(x, 0, 1),
        "W": packed(kernel),
        "R": packed(recurrent_kernel),
        "B": np.concatenate([packed(bias), packed(0 * bias)], axis=-1),
    }
    feed |= {} if h0 is None else {"h": h0[None]}
    feed |= {} if C0 is None else {"C": C0[None]}
    if peephole is not None:
        feed["P"] = packed(np.concatenate(peephole), (0, 2, 1))
    options = {"hidden_size": len(bias) // 4}
    y, h, C = onnx_operator("LSTM", feed, ["Y", "Yh", "YC"], **options)
    return np.swapaxes(y[:, 0], 0, 1), h[0], C[0]


def gru_step(x, h, kernel, recurrent_kernel, bias, reset_after=False):
    """One step of section 4.3.2: z, r, the candidate c and the new h, (batch, units).

    z = σ(b_z + U_z x + W_z h), r likewise, h' = z ⊙ h + (1 − z) ⊙ c, and
    c = tanh(b + U x + W (r ⊙ h)), or tanh(b + U x + r ⊙ (W h + b')) with `reset_after`;
    then `bias` has a second row, that of the products with h.
    """
    W_z, W_r, W_c = np.split(recurrent_kernel, 3, axis=1)
    b, second = bias if reset_after else (bias, np.zeros(3 * h.shape[1]))
    for_z, for_r, for_c = np.split(x @ kernel + b, 3, axis=1)
    b_z, b_r, b_c = np.split(second, 3)
    z, r = sigmoid(for_z + h @ W_z + b_z), sigmoid(for_r + h @ W_r + b_r)
    c = np.tanh(for_c + (r * (h @ W_c + b_c) if reset_after else (r * h) @ W_c))
    return z, r, c, z * h + (1 - z) * c


def gru(
    x, kernel, recurrent_kernel, bias, h0=None, mask=None, reset_after=False, step=None
):
    """Section 4.3.2, Cho et al. 2014: outputs (batch, time, units) and the last h.

    Args:
        kernel, recurrent_kernel, bias: packed as in Keras: z, r, candidate.
        step: another step than `gru_step`.
    """
    units, out = len(recurrent_kernel), []
    h = np.zeros((len(x), units)) if h0 is None else np.array(h0, float)
    for t in range(x.shape[1]):
        real = np.ones((len(x), 1), bool) if mask is None else mask[:, t, None]
        weights = kernel, recurrent_kernel, bias, reset_after
        *_, h_new = (step or gru_step)(x[:, t], h, *weights)
        h = np.where(real, h_new, h)
        out.append(np.where(real, h_new, out[-1] if out else np.zeros(h.shape)))
    return np.stack(out, axis=1), h


def gru_backward(x, kernel, recurrent_kernel, bias, direct, h0, without=()):
    """The terms of ∇_h(t) L of a GRU with the reset before the product, by hand.

    ∇_h(t) = direct(t) + z ⊙ ∇ + W_zᵀ[z(1−z) ⊙ (h(t)−c) ⊙ ∇] + r ⊙ W_cᵀδ
    + W_rᵀ[r(1−r) ⊙ h(t) ⊙ W_cᵀδ], with ∇ = ∇_h(t+1), δ = (1−z) ⊙ (1−c²) ⊙ ∇, and the
    gates and c at t+1.

    Args:
        direct: what the loss gives h(t) at once, (batch, time, units).
        without: names of terms to leave out of the recursion.

    Returns:
        Dict of (batch, time, units): loss, keep, update, candidate, reset.
    """
    steps, h = [], h0
    for t in range(x.shape[1]):
        steps.append(gru_step(x[:, t], h, kernel, recurrent_kernel, bias))
        h = steps[-1][-1]
    W_z, W_r, W_c = np.split(recurrent_kernel.T, 3)
    z = r = c = dh = np.zeros(h.shape)  # nothing after the last step
    found = []
    for t in reversed(range(x.shape[1])):
        h = steps[t][-1]
        to_c = ((1 - z) * (1 - c**2) * dh) @ W_c
        found.append(
            {
                "loss": direct[:, t],
                "keep": z * dh,
                "update": (z * (1 - z) * (h - c) * dh) @ W_z,
                "candidate": r * to_c,
                "reset": (r * (1 - r) * h * to_c) @ W_r,
            }
        )
        dh = add_up(found[-1], without)
        z, r, c, _ = steps[t]
    return in_time(found)


def onnx_gru(x, kernel, recurrent_kernel, bias, h0=None, reset_after=False):
    """`gru` without a mask; ONNX packs z, r, candidate, as Keras does."""
    b, second = bias if reset_after else (bias, np.zeros(len(bias)))
    feed = {
        "X": np.swapaxes(x, 0, 1),
        "W": kernel.T[None],
        "R": recurrent_kernel.T[None],
        "B": np.concatenate([b, second])[None],
    }
    feed |= {} if h0 is None else {"h": h0[None]}
    options = {"hidden_size": len(recurrent_kernel)}
    options["linear_before_reset"] = int(reset_after)
    y, h = onnx_operator("GRU", feed, ["Y", "Yh"], **options)
    return np.swapaxes(y[:, 0], 0, 1), h[0]


# Chapter 4.4, one sequence at a time and without masks: a masked step is left out
# before. States and outputs may be complex, for derivatives by a complex step.


def cell_step(kind, x, states, weights):
    """One step of "SimpleRNN", "GRU", "GRU after" or "LSTM": the new states.

    Args:
        x: (features,).
        states: list of (units,), the output's first: h, or h and C of an LSTM.
        weights: as Keras packs them.
    """
    h = states[0][None]
    if kind == "SimpleRNN":
        kernel, recurrent_kernel, bias = weights
        return [np.tanh(bias + x @ kernel + states[0] @ recurrent_kernel)]
    if kind == "LSTM":
        *_, C, h = lstm_step(x[None], h, states[1][None], weights)
        return [h[0], C[0]]
    *_, h = gru_step(x[None], h, *weights, reset_after=kind == "GRU after")
    return [h[0]]


def sweep(kind, x, weights, states):
    """Outputs (time, units) from the states before the first step, and the last h."""
    out = []
    for step in x:
        states = cell_step(kind, step, states, weights)
        out.append(states[0])
    return np.array(out), states[0]


def zero_states(kind, weights):
    n = len(weights[1])
    return [np.zeros(n)] * (2 if kind == "LSTM" else 1)


def encoder(kind, x, directions, projection=None):
    """Section 4.4: H (time, n) and C of one sequence (time, features).

    C = h(τ); in two directions H is [h; g] at each step, C is [h(τ); g(1)]; with a
    projection (P, b) C = P h + b.

    Args:
        directions: the weights of the layer that runs forward and, where there are two,
            of the one that runs backward.
    """
    H, C = sweep(kind, x, directions[0], zero_states(kind, directions[0]))
    if len(directions) == 2:
        G, last = sweep(kind, x[::-1], directions[1], zero_states(kind, directions[1]))
        H, C = np.concatenate([H, G[::-1]], axis=1), np.concatenate([C, last])
    if projection is not None:
        kernel, bias = projection
        C = C @ kernel + bias
    return H, C


def learned_queries(H, Q):
    """C_j = Σ_t a_jt h_t with a_j = softmax of q_j · h_t over t: (k, n)."""
    out = []
    for q in Q:
        scores = np.array([q @ h for h in H])
        a = np.exp(scores - scores.real.max())
        a = a / a.sum()
        out.append(sum(weight * h for weight, h in zip(a, H, strict=True)))
    return np.array(out)


def last_states(H, k):
    """The last k rows of H, oldest first, after zeros where H has fewer."""
    return np.concatenate([np.zeros((k, H.shape[1])), H])[-k:]


def first_states(kind, C, weights, context, projection=None):
    """s(0) = tanh(P C + b) where C goes into the first state, else 0; others 0."""
    states = zero_states(kind, weights)
    if context in ("initial_state", "both"):
        kernel, bias = projection
        states = [np.tanh(C @ kernel + bias), *states[1:]]
    return states


def decoder(kind, y, C, weights, context, projection=None):
    """s(t) = f(b + W s(t−1) + U y(t) + R C) over one sequence: (time, n).

    Without R C where context is "initial_state". The rows of the kernel are those of U,
    then those of R.

    Args:
        y: (time, features).
        C: (m,).
        projection: (P, b) of the first state.
    """
    kernel, recurrent_kernel, bias = weights
    d = y.shape[1]
    U, R = kernel[:d], kernel[d:]
    if context != "initial_state":
        # U y + R C is what the cell sees, so R C may go into the bias
        if kind == "GRU after":
            bias = np.stack([bias[0] + C @ R, bias[1]])
        else:
            bias = bias + C @ R
    states = first_states(kind, C, weights, context, projection)
    return sweep(kind, y, (U, recurrent_kernel, bias), states)[0]


def log_softmax(a):
    a = a - a.max(axis=-1, keepdims=True)
    return a - np.log(np.exp(a).sum(axis=-1, keepdims=True))


def greedy(next_symbol, longest, end=2):
    """The likeliest symbol, again and again, until END or for `longest` symbols.

    Args:
        next_symbol: list of the symbols so far → log-probabilities of the next.
    """
    ids = []
    while len(ids) < longest and end not in ids:
        ids.append(int(np.argmax(next_symbol(ids))))
    return ids


def hypotheses(next_symbol, longest, symbols, end=2):
    """Every sequence that ends with END or has `longest` symbols, and its log P."""
    whole, begun = [], [([], 0.0)]
    for _ in range(longest):
        grown = [
            ([*ids, i], log_p + p)
            for ids, log_p in begun
            for i, p in enumerate(next_symbol(ids))
            if i in symbols
        ]
        whole += [found for found in grown if found[0][-1] == end]
        begun = [found for found in grown if found[0][-1] != end]
    return whole + begun


def beam_search(next_symbol, longest, width, alpha=0.0, end=2):
    """The best of the beam by log P / length**alpha, and its log P.

    At every step each hypothesis without END is followed by every symbol; those with
    END stay as they are; the `width` most probable of all are kept.
    """
    beam = [([], 0.0)]
    for _ in range(longest):
        grown = []
        for ids, log_p in beam:
            if end in ids:
                grown.append((ids, log_p))
            else:
                following = enumerate(next_symbol(ids))
                grown += [([*ids, i], log_p + p) for i, p in following]
        beam = sorted(grown, key=lambda found: -found[1])[:width]
    return max(beam, key=lambda found: score(*found, alpha))


def score(ids, log_p, alpha):
    return log_p / len(ids) ** alpha


# Chapter 4.5, one sequence at a time. States and outputs may be complex.


def attention_score(name, s, h_t, weights):
    """e of one state s (n,) and one h_t (m,), as the papers write it (columns)."""
    if name == "additive":  # Bahdanau et al. 2015
        W_a, U_a, v_a = weights
        return v_a @ np.tanh(W_a.T @ s + U_a.T @ h_t)
    if name == "concat":  # Luong et al. 2015
        W_a, v_a = weights
        return v_a @ np.tanh(W_a.T @ np.concatenate([s, h_t]))
    if name == "general":
        return s @ weights[0] @ h_t
    return s @ h_t / (len(s) ** 0.5 if name == "scaled_dot" else 1)


def attention(name, s, h, weights, real=None):
    """c (m,) and α (time,) of one state; α is 0 where not real."""
    real = np.ones(len(h), bool) if real is None else real
    alpha = np.zeros(len(h), np.result_type(s, h))
    if real.any():
        e = np.array([attention_score(name, s, h_t, weights) for h_t in h[real]])
        e = np.exp(e - e.real.max())
        alpha[real] = e / e.sum()
    return sum(a * h_t for a, h_t in zip(alpha, h, strict=True)), alpha


def attention_decoder(kind, y, h, states, weights, order, fed, y_real=None, real=None):
    """o (time, n) and α (time, source time) of one target, 0 at steps not real.

    attend_first: c_i looks at s(i−1), s(i) = f(s(i−1), [y_i; c_i]). update_first:
    s(i) = f(s(i−1), y_i), c_i looks at s(i). Then o_i = tanh(W_c [c_i; s(i)]), and with
    `fed` the cell reads [y_i; o_{i−1}] instead of y_i.

    Args:
        states: those of the cell, and o(0) if it is fed.
        weights: name of the score → its weights; "cell" and "W_c" → theirs.
    """
    (score,) = set(weights) - {"cell", "W_c"}
    y_real = np.ones(len(y), bool) if y_real is None else y_real
    n = len(states[0])
    o = np.zeros((len(y), n), np.result_type(y, h, *states))
    alpha = np.zeros((len(y), len(h)), o.dtype)
    states, before = (states[:-1], states[-1]) if fed else (states, None)
    for i in np.flatnonzero(y_real):
        x = np.concatenate([y[i], before]) if fed else y[i]
        if order == "attend_first":
            c, alpha[i] = attention(score, states[0], h, weights[score], real)
            x = np.concatenate([x, c])
        states = cell_step(kind, x, states, weights["cell"])
        if order == "update_first":
            c, alpha[i] = attention(score, states[0], h, weights[score], real)
        o[i] = before = np.tanh(np.concatenate([c, states[0]]) @ weights["W_c"])
    return o, alpha
