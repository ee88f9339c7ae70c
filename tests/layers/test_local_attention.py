"""Chapter 4.5.1's layers are their equations, and these tests would notice if not."""

import keras
import numpy as np
import pytest
import references
from alone import Alone
from keras import ops

from utils import gradients, proofs
from utils.layers import local_attention
from utils.layers.attention import (
    AdditiveAttention,
    AttentionDecoder,
    AttentionModel,
    MultiplicativeAttention,
)
from utils.layers.encoder_decoder import BeamSearch, Encoder, Greedy

N, M, D, BATCH, T_X, T_Y = 5, 6, 4, 3, 11, 9
OWN = {"dtype": proofs.DTYPE}
SCORES = ("additive", "dot", "scaled_dot", "general", "concat")
KINDS = {
    "monotonic": ("LocalAttention", {"slope": 1.3}),
    "predictive": ("PredictiveAttention", {"units": 7}),
    "renormalised": ("PredictiveAttention", {"units": 7, "renormalise": True}),
}
each_kind = pytest.mark.parametrize("kind", KINDS)
each_order = pytest.mark.parametrize("order", ["attend_first", "update_first"])


def random(*shape, seed=1):
    return np.random.default_rng(seed).normal(size=shape).astype(proofs.DTYPE)


def score_layer(score, own=OWN):
    if score == "additive":
        return AdditiveAttention(7, **own)
    return MultiplicativeAttention(score, 7 if score == "concat" else None, **own)


def local(kind, score, window, module=local_attention, own=OWN):
    name, options = KINDS[kind]
    return getattr(module, name)(score_layer(score, own), window, **options, **own)


def decoder_of(kind, module=local_attention):
    return module.CountingDecoder if kind == "monotonic" else AttentionDecoder


def size_of(score):
    """m: the dots need that of the states."""
    return N if "dot" in score else M


def inputs(score):
    h = random(BATCH, T_X, size_of(score), seed=2)
    return random(BATCH, N, seed=1), h, proofs.mask_with_holes(BATCH, T_X)


def numpy_of(tensors):
    return [ops.convert_to_numpy(tensor) for tensor in tensors]


def weights_of(layer):
    return [np.asarray(w, "float64") for w in layer.get_weights()]


def built(score, kind, window=2, module=local_attention, i=4.0):
    s, h, _ = inputs(score)
    layer = local(kind, score, window, module)
    layer.i = ops.full((BATCH, 1), i, dtype=proofs.DTYPE)
    layer(s, h)
    if layer.weights:
        proofs.random_weights(layer)
    return layer


# --- references: the equations, one source step after the other -----------------------


def position_by_hand(kind, s, S, i, weights):
    """p: slope · i, or S sigmoid(v_p · tanh(W_p s))."""
    if kind == "monotonic":
        return 1.3 * i
    W_p, v_p = weights
    return S / (1 + np.exp(-(v_p @ np.tanh(W_p.T @ s))))


def by_hand(score, kind, s, h, weights, real, i, window):
    """c (m,), α (time,) and p; the whole source is scored, and cut afterwards."""
    of_score, of_place = weights
    real = np.ones(len(h), bool) if real is None else real
    S = max([t + 1 for t in range(len(h)) if real[t]], default=0)
    p = position_by_hand(kind, s, S, i, of_place)
    centre = int(np.floor(np.real(p) + 0.5))
    inside = [
        t for t in range(len(h)) if real[t] and centre - window <= t <= centre + window
    ]
    alpha = np.zeros(len(h), np.result_type(s, h))
    e = {t: references.attention_score(score, s, h[t], of_score) for t in inside}
    total = sum(np.exp(e[t]) for t in inside)
    for t in inside:
        alpha[t] = np.exp(e[t]) / total
        if kind != "monotonic":
            alpha[t] *= np.exp(-((t - p) ** 2) / (2 * (window / 2) ** 2))
    if kind == "renormalised" and inside:
        alpha = alpha / alpha.sum()
    return sum(a * h_t for a, h_t in zip(alpha, h, strict=True)), alpha, p


def split(layer):
    """The weights of the score, and those of the position."""
    own = weights_of(layer)
    of_score = len(layer.attention.weights)
    place = own[: len(own) - of_score]
    return own[len(place) :], place


def decoder_by_hand(score, kind, order, fed, y, h, states, weights, window, masks):
    """o (time, n), α (time, source time), p (time,); a masked step is not counted."""
    y_real, real = masks
    y_real = np.ones(len(y), bool) if y_real is None else y_real
    o = np.zeros((len(y), N), np.result_type(y, h, *states))
    alpha, p = np.zeros((len(y), len(h)), o.dtype), np.zeros(len(y), o.dtype)
    before = np.zeros(N)
    for i, j in enumerate(np.flatnonzero(y_real)):
        x = np.concatenate([y[j], before]) if fed else y[j]
        look = (score, kind, h, weights["attention"], real, i, window)
        if order == "attend_first":
            c, alpha[j], p[j] = look_by_hand(states[0], *look)
            x = np.concatenate([x, c])
        states = references.cell_step("GRU", x, states, weights["cell"])
        if order == "update_first":
            c, alpha[j], p[j] = look_by_hand(states[0], *look)
        o[j] = before = np.tanh(np.concatenate([c, states[0]]) @ weights["W_c"])
    return o, alpha, p


def look_by_hand(s, score, kind, h, *rest):
    return by_hand(score, kind, s, h, *rest)


def check(score, kind, module=local_attention, windows=(1, 2, 4)):
    for window in windows:
        s, h, mask = inputs(score)
        layer = built(score, kind, window, module)
        own = split(layer)
        for real in (None, mask):
            c, found = layer(s, h, mask=real)
            alpha, p = numpy_of(module.spread(found, T_X))
            c = ops.convert_to_numpy(c)
            for b in range(BATCH):
                row = None if real is None else real[b]
                right = by_hand(score, kind, s[b], h[b], own, row, 4.0, window)
                proofs.assert_same([c[b], alpha[b], np.array(p[b])], right)
            again = numpy_of(layer(s, h, mask=real, keys=layer.keys(h)))
            proofs.assert_same(again, [c, found])


def make(score, kind, order, fed=False, module=local_attention, window=2):
    cell = keras.layers.GRUCell(N, reset_after=False, **OWN)
    attention = local(kind, score, window, module)
    return decoder_of(kind, module)(cell, attention, order, fed, **OWN)


def decoder_inputs(layer, score="additive"):
    y, h = random(BATCH, T_Y, D, seed=3), random(BATCH, T_X, size_of(score), seed=2)
    sizes = layer.cell.state_size
    states = [random(BATCH, N, seed=5), *(np.zeros((BATCH, n)) for n in sizes[1:])]
    return y, h, [state.astype(proofs.DTYPE) for state in states]


def check_decoder(score, kind, order, fed, module=local_attention):
    layer = make(score, kind, order, fed, module)
    y, h, states = decoder_inputs(layer, score)
    layer(y, h, states)
    proofs.random_weights(layer)
    weights = {
        "cell": weights_of(layer.cell.cell),
        "attention": split(layer.cell.attention),
        "W_c": weights_of(layer.cell.to_output)[0],
    }
    holes = proofs.mask_with_holes
    for masks in ({}, {"y_mask": holes(BATCH, T_Y), "h_mask": holes(BATCH, T_X)}):
        o, found = layer(y, h, states, **masks)
        alpha, p = numpy_of(module.spread(found, T_X))
        o = ops.convert_to_numpy(o)
        for b in range(BATCH):
            rows = [masks[k][b] if masks else None for k in ("y_mask", "h_mask")]
            right = decoder_by_hand(
                score, kind, order, fed, y[b], h[b], [states[0][b]], weights, 2, rows
            )
            proofs.assert_same([o[b], alpha[b], p[b]], right)


# --- the attention --------------------------------------------------------------------


@each_kind
@pytest.mark.parametrize("score", SCORES)
def test_it_is_its_equations_in_numpy(score, kind):
    check(score, kind)


@each_order
@each_kind
@pytest.mark.parametrize("fed", [False, True], ids=["", "fed"])
def test_a_decoder_with_it_is_its_equations_in_numpy(kind, order, fed):
    check_decoder("additive", kind, order, fed)


@pytest.mark.parametrize("score", SCORES)
def test_a_window_that_covers_the_source_is_global_attention(score):
    s, h, mask = inputs(score)
    layer = built(score, "monotonic", window=T_X)
    for real in (None, mask):
        c, found = layer(s, h, mask=real)
        alpha, _ = local_attention.spread(found, T_X)
        proofs.assert_same([c, alpha], numpy_of(layer.attention(s, h, mask=real)))


def test_a_predicted_window_becomes_global_as_it_widens():
    """The Gaussian goes to 1: at D = 10⁴ what is missing is below 2 (11 / 10⁴)²."""
    s, h, mask = inputs("additive")
    gaps = []
    for window in (20, 100, 1000):
        layer = built("additive", "predictive", window)
        c, _ = numpy_of(layer(s, h, mask=mask))
        right, _ = numpy_of(layer.attention(s, h, mask=mask))
        gaps.append(np.abs(c - right).max())
    assert gaps[0] > 10 * gaps[1] > 100 * gaps[2] and gaps[2] < 1e-3


def test_the_weights_add_up_to_one_but_not_after_the_gaussian():
    for kind, low, high in (
        ("monotonic", 1, 1),
        ("renormalised", 1, 1),
        ("predictive", 0.05, 0.95),
    ):
        s, h, mask = inputs("additive")
        _, found = built("additive", kind)(s, h, mask=mask)
        alpha, _ = numpy_of(local_attention.spread(found, T_X))
        total = alpha.sum(axis=1)
        assert (alpha >= 0).all() and not alpha[~mask].any()
        assert (total > low - 1e-5).all() and (total < high + 1e-5).all()


def test_a_case_by_hand():
    """S = 4 and σ(0) = ½: p = 2. Equal scores: α = ⅓ (e^−2, 1, e^−2), D = 1, σ = ½."""
    layer = local_attention.PredictiveAttention(AdditiveAttention(1), 1, 1)
    s, h = np.zeros((1, 1), "float32"), np.array([[[9.0], [3], [6], [9]]], "float32")
    layer(s, h)
    layer.set_weights([np.zeros(w.shape) for w in layer.weights])
    c, found = numpy_of(layer(s, h))
    side = np.exp(-2) / 3
    np.testing.assert_allclose(found, [[side, 1 / 3, side, 2]], rtol=1e-6)
    np.testing.assert_allclose(c, [[2 + 12 * side]], rtol=1e-6)


@each_kind
def test_outside_of_the_window_nothing_is_read(kind):
    s, h, _ = inputs("additive")
    layer = built("additive", kind)
    c, found = layer(s, h)
    _, p = numpy_of(local_attention.spread(found, T_X))
    far = np.abs(np.arange(T_X) - np.floor(p + 0.5)[:, None]) > 2
    assert far.any(axis=1).all() and not far.all(axis=1).any()
    poisoned = np.where(far[..., None], np.nan, h)
    keys = numpy_of([layer.keys(h)])[0]
    keys = np.where(far[..., None], np.nan, keys)
    proofs.assert_same(layer(s, poisoned, keys=keys), numpy_of((c, found)), 1e-30)


def test_only_the_gaussian_lets_the_position_learn():
    """The rounded p has no gradient: without the factor none reaches W_p and v_p."""
    s, h, _ = inputs("additive")
    layer = built("additive", "predictive")
    v_p = layer.v_p

    def moved():
        """By how much c changes with v_p, a little."""
        before = ops.convert_to_numpy(layer(s, h)[0])
        right = ops.convert_to_numpy(v_p)
        v_p.assign(right * (1 + 1e-4))
        after = ops.convert_to_numpy(layer(s, h)[0])
        v_p.assign(right)
        return np.abs(after - before).max()

    assert moved() > 1e-6
    layer.fade = lambda alpha, distance: alpha
    assert moved() == 0


# --- masks ----------------------------------------------------------------------------


@each_kind
def test_a_row_of_filling_gets_no_weight_and_no_nan(kind):
    s, h, mask = inputs("additive")
    mask[1] = False
    h[1] = 1e3
    layer = built("additive", kind)
    c, found = numpy_of(layer(s, h, mask=mask))
    assert not c[1].any() and not found[1, :-1].any()
    assert np.isfinite(found).all() and np.abs(c[[0, 2]]).min() > 0

    def total(h):
        return ops.sum(layer(s, h, mask=mask)[0])

    assert np.isfinite(gradients.gradient(total, h)).all()


@each_kind
def test_a_window_beyond_the_source_is_empty_and_no_nan(kind):
    s, h, mask = inputs("additive")
    mask[1] = np.arange(T_X) < 1
    layer = built("additive", kind, i=40.0)
    c, found = numpy_of(layer(s, h, mask=mask))
    assert np.isfinite(c).all() and np.isfinite(found).all()
    if kind == "monotonic":
        assert not c.any() and not found[:, :-1].any()
    else:  # it cannot leave the source: 0 < p < S
        assert ((found[:, -1] > 0) & (found[:, -1] < [11, 1, 11])).all()


@each_kind
def test_what_stands_in_the_filling_changes_nothing(kind):
    s, h, mask = inputs("additive")
    layer = built("additive", kind)
    right = numpy_of(layer(s, h, mask=mask))
    h[~mask] = 7.0
    proofs.assert_same(numpy_of(layer(s, h, mask=mask)), right)
    more = np.pad(h, ((0, 0), (0, 4), (0, 0))), np.pad(mask, ((0, 0), (0, 4)))
    proofs.assert_same(numpy_of(layer(s, more[0], mask=more[1])), right)


@each_kind
def test_half_precision_has_no_overflow_and_no_nan(kind):
    s, h, mask = inputs("additive")
    config = built("additive", kind).get_config() | {"dtype": "mixed_float16"}
    config["attention"]["config"]["dtype"] = "mixed_float16"
    half = getattr(local_attention, KINDS[kind][0]).from_config(config)
    half.i = ops.ones((BATCH, 1), "float16")
    mask[1] = False
    c, found = half(s.astype("float16"), h.astype("float16"), mask=mask)
    assert keras.backend.standardize_dtype(found.dtype) == "float16"
    c, found = numpy_of((c, found))
    assert np.isfinite(c).all() and np.isfinite(found).all()


# --- the decoder ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["monotonic", "predictive"])
@each_order
def test_its_gradients_are_those_of_the_equations(order, kind):
    """Along a random direction, against a complex step of the NumPy loop."""
    layer = make("additive", kind, order)
    y, h, states = decoder_inputs(layer)
    layer(y, h, states)
    proofs.random_weights(layer)
    weights = {
        "cell": weights_of(layer.cell.cell),
        "attention": split(layer.cell.attention),
        "W_c": weights_of(layer.cell.to_output)[0],
    }
    for place, size in ((0, y.shape), (1, h.shape)):
        v = random(*size, seed=9)

        def loss(x, place=place):
            pair = [y, h]
            pair[place] = x
            o, found = layer(*pair, states)
            alpha, p = local_attention.spread(found, T_X)
            return ops.sum(o[..., 1:] ** 2) + ops.sum(alpha[..., 2]) + ops.sum(p)

        found = (gradients.gradient(loss, (y, h)[place]) * v).sum()
        right = 0
        for b in range(BATCH):
            pair = [y[b].astype("complex128"), h[b].astype("complex128")]
            pair[place] = pair[place] + 1e-20j * v[b]
            o, alpha, p = decoder_by_hand(
                "additive",
                kind,
                order,
                False,
                *pair,
                [states[0][b]],
                weights,
                2,
                [None] * 2,
            )
            right += ((o[:, 1:] ** 2).sum() + alpha[:, 2].sum() + p.sum()).imag / 1e-20
        assert found == pytest.approx(right, rel=100 * proofs.TOLERANCE)


@each_kind
@each_order
def test_one_step_after_the_other_is_the_whole(order, kind):
    layer = make("general", kind, order, True)
    y, h, states = decoder_inputs(layer, "general")
    mask = proofs.mask_with_holes(BATCH, T_X)
    layer(y, h, states, h_mask=mask)
    proofs.random_weights(layer)
    o, found = numpy_of(layer(y, h, states, h_mask=mask))
    h, y = ops.convert_to_tensor(h), ops.convert_to_tensor(y)
    now = [ops.convert_to_tensor(state) for state in states]
    for t in range(T_Y):
        one, weights, now = layer.step(y[:, t], now, (h, layer.keys(h), mask))
        proofs.assert_same([one, weights], [o[:, t], found[:, t]])


def test_a_monotonic_window_moves_with_the_step():
    layer = make("additive", "monotonic", "update_first")
    y, h, states = decoder_inputs(layer)
    _, found = layer(y, h, states)
    _, p = numpy_of(local_attention.spread(found, T_X))
    np.testing.assert_allclose(p, np.tile(1.3 * np.arange(T_Y), (BATCH, 1)), rtol=1e-6)
    y_mask = np.ones((BATCH, T_Y), bool)
    y_mask[:, 3] = False
    _, found = layer(y, h, states, y_mask=y_mask)
    _, p = numpy_of(local_attention.spread(found, T_X))
    np.testing.assert_allclose(p[0, 4:], 1.3 * np.arange(3, 8), rtol=1e-6)


def test_the_count_is_not_kept():
    layer = make("additive", "monotonic", "attend_first")
    y, h, states = decoder_inputs(layer)
    layer(y, h, states)
    assert layer.cell.attention.i is None and layer.cell.memory is None


@each_kind
@pytest.mark.parametrize("score", ["additive", "scaled_dot"])
def test_keras_contract(score, kind, keras_contract):
    def layer():
        n = 4 if score == "scaled_dot" else 5
        part = local(kind, score, 3, own={})
        return Alone(decoder_of(kind)(keras.layers.GRUCell(n), part, "update_first"))

    keras_contract(layer)


def test_config_keeps_every_argument():
    options = {"units": 4, "renormalise": True, "name": "mine"}
    layer = local_attention.PredictiveAttention(AdditiveAttention(3), 2, **options)
    copy = local_attention.PredictiveAttention.from_config(layer.get_config())
    assert copy.get_config() == layer.get_config()
    assert (copy.window, copy.units, copy.name) == (2, 4, "mine")
    assert copy.renormalise is True and copy.attention.units == 3
    layer = local_attention.LocalAttention(AdditiveAttention(3), 2, slope=1.5)
    copy = local_attention.LocalAttention.from_config(layer.get_config())
    assert copy.get_config() == layer.get_config() and copy.slope == 1.5
    parts = keras.layers.GRUCell(3), layer, "update_first", True
    decoder = local_attention.CountingDecoder(*parts)
    copy = local_attention.CountingDecoder.from_config(decoder.get_config())
    assert copy.get_config() == decoder.get_config()
    assert copy.cell.state_size == [3, 3, 1] and copy.cell.attention.window == 2


X = np.array([[1, 5, 8, 2, 0, 0], [3, 3, 4, 6, 7, 1]])
Y = np.array([[1, 3, 4, 2, 0], [1, 7, 5, 6, 2]])


@pytest.mark.parametrize("kind", ["monotonic", "predictive"])
def test_a_model_trains_and_reloads_and_decodes(kind, tmp_path):
    keras.utils.set_random_seed(0)
    gru = keras.layers.GRU(4, return_sequences=True, return_state=True)
    decoder = decoder_of(kind)(
        keras.layers.GRUCell(5), local(kind, "additive", 2, own={})
    )
    encoder = Encoder(keras.layers.Bidirectional(gru))
    model = AttentionModel(9, 8, 3, encoder, decoder)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)
    model.compile(keras.optimizers.Adam(0.05), loss)
    x, y = np.repeat(X, 16, axis=0), np.repeat(Y, 16, axis=0)
    found = model.fit([x, y[:, :-1]], y[:, 1:], epochs=60, verbose=0).history["loss"]
    assert found[-1] < 0.1 * found[0]
    said = Greedy(model, 5).predict(X, verbose=0)
    assert said.tolist() == [[3, 4, 2, 0, 0], [7, 5, 6, 2, 0]]
    best, _ = BeamSearch(model, 5, 3).predict(X, verbose=0)
    assert best.tolist() == said.tolist()
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    proofs.assert_same(again([X, Y]), model([X, Y]), 2e-6)


# --- wrong arguments ------------------------------------------------------------------


def test_a_monotonic_window_needs_a_decoder_that_counts():
    part = local_attention.LocalAttention(AdditiveAttention(3), 2)
    decoder = AttentionDecoder(keras.layers.GRUCell(N), part)
    with pytest.raises(ValueError, match="needs CountingDecoder"):
        decoder(random(BATCH, T_Y, D), random(BATCH, T_X, M))


@pytest.mark.parametrize(
    "name, shape", [("s", (2, N)), ("mask", (BATCH, 10)), ("keys", (BATCH, 10, 7))]
)
def test_sizes_that_do_not_match_are_refused(name, shape):
    """They would be read from wrong rows without a word."""
    s, h, mask = inputs("additive")
    given = {"s": s, "mask": mask, "keys": random(BATCH, T_X, 7)}
    given[name] = np.ones(shape, given[name].dtype)
    layer = built("additive", "predictive")
    with pytest.raises(ValueError, match=rf"h \(3, 11, 6\) and {name} .*do not match"):
        layer(given["s"], h, mask=given["mask"], keys=given["keys"])


def test_a_dot_of_two_sizes_is_refused():
    layer = local_attention.PredictiveAttention(MultiplicativeAttention("dot"), 2, 3)
    with pytest.raises(ValueError, match="'dot' needs n = m, got s of 5 and h of 6"):
        layer(random(2, 5), random(2, 3, 6))


def test_a_source_without_steps_is_refused():
    layer = local_attention.PredictiveAttention(AdditiveAttention(3), 2, 3)
    with pytest.raises(ValueError, match=r"no step to attend to: .*\(3, 0, 6\)"):
        layer(random(BATCH, N), random(BATCH, 0, M))


# --- mutants --------------------------------------------------------------------------

# Each breaks one part: the piece of its source, and what stands there instead.
FADE = "alpha = self.fade(alpha, ops.cast(t, p.dtype) - p[:, None])\n"
SUM = "c = ops.matmul(alpha[:, None, :], h)[:, 0]\n"
OF_ATTENTION = {
    "the first row is read for all": ("[:, None] * time + at", "[:, None] * 0 + at"),
    "outside of the source counts": ("real = at == t if", "real = at == at if"),
    "outside counts where masked": ("(at == t) & gather", "(at == at) & gather"),
    "filling counts": ("(at == t) & gather(mask, at)", "(at == t)"),
    "the window looks back only": ("ops.arange(-D, D + 1)", "ops.arange(-2 * D, 1)"),
    "one step short": ("ops.arange(-D, D + 1)", "ops.arange(-D, D)"),
    "p is cut, not rounded": ('ops.floor(p + 0.5), "int32"', 'ops.floor(p), "int32"'),
    "keys of other steps": ("keys=gather(keys, at)", "keys=gather(keys, at[:, ::-1])"),
    "filling is part of S": (
        "S = ops.max(ops.where(mask, ops.arange(1, S + 1), 0), axis=1)",
        "pass",
    ),
    "holes shorten S": (
        "ops.max(ops.where(mask, ops.arange(1, S + 1), 0), axis=1)",
        "ops.sum(ops.cast(mask, 'int32'), axis=1)",
    ),
    "S is the last place": (
        "ops.arange(1, S + 1)",
        "ops.arange(0, S)",
    ),
    "no tanh": ("ops.tanh(ops.matmul(s, self.W_p))", "ops.matmul(s, self.W_p)"),
    "no slope": ("self.slope * ops.cast", "1 * ops.cast"),
    "σ = D": ("distance / (self.window / 2)", "distance / self.window"),
    "σ² twice": ("(self.window / 2)) ** 2) / 2)", "(self.window / 2)) ** 2))"),
    "around the rounded p": (
        "p.dtype) - p[:, None]",
        "p.dtype) - ops.floor(p + 0.5)[:, None]",
    ),
    "c without the Gaussian": (FADE + "        " + SUM, SUM + "        " + FADE),
    "never renormalised": ("if self.renormalise:", "if False:"),
    "always renormalised": ("if self.renormalise:", "if True:"),
}
OF_DECODER = {
    "it does not count": ("[*states, i + 1]", "[*states, i]"),
    "it counts from 1": ("self.attention.i = i\n", "self.attention.i = i + 1\n"),
    "it counts filling": (
        'zero_output_for_mask": True}',
        'zero_output_for_mask": False}',
    ),
}


@pytest.mark.parametrize("change", OF_ATTENTION.values(), ids=OF_ATTENTION)
def test_the_comparison_notices_a_broken_window(change):
    broken = proofs.mutant(local_attention, *change)
    with pytest.raises(AssertionError):
        for kind in KINDS:
            check("additive", kind, broken, windows=[4])


@pytest.mark.parametrize("change", OF_DECODER.values(), ids=OF_DECODER)
def test_the_comparison_notices_a_broken_count(change):
    broken = proofs.mutant(local_attention, *change)
    # on JAX, Keras itself refuses to repeat an output that is larger than the state
    refused = (
        keras.backend.backend() == "jax" and change is OF_DECODER["it counts filling"]
    )
    with pytest.raises(ValueError if refused else AssertionError):
        for order in ("attend_first", "update_first"):
            check_decoder("additive", "monotonic", order, True, broken)
