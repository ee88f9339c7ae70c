"""The captioner's layers are their equations, and these tests would notice if not."""

import keras
import numpy as np
import pytest
import references
from alone import Alone
from keras import ops

from utils import gradients, proofs
from utils.layers import visual_attention
from utils.layers.attention import AdditiveAttention
from utils.layers.encoder_decoder import BeamSearch, Greedy

CELLS = {
    "SimpleRNN": keras.layers.SimpleRNNCell,
    "GRU": keras.layers.GRUCell,
    "LSTM": keras.layers.LSTMCell,
}
each_cell = pytest.mark.parametrize("kind", CELLS)
N, M, D, K, BATCH, L, T = 5, 6, 4, 7, 3, 8, 9


def random(*shape, seed=1):
    return np.random.default_rng(seed).normal(size=shape).astype(proofs.DTYPE)


def weights_of(layer):
    return [np.asarray(w, "float64") for w in layer.get_weights()]


def numpy_of(tensors):
    return [ops.convert_to_numpy(tensor) for tensor in tensors]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def look(h, a, weights, real=None):
    """z, α and β of one state h (n,), by the equations of Xu et al. (2015)."""
    W_a, U_a, v_a, w_beta, b_beta = weights
    context, alpha = references.attention("additive", h, a, (W_a, U_a, v_a), real)
    beta = sigmoid(sum(w_beta[:, 0] * h) + b_beta[0])
    return beta * context, alpha, beta


def decode(kind, y, a, states, weights, y_real=None, real=None):
    """o (time, d), α (time, L), β (time,) of one caption, 0 at words not real."""
    of_attention, of_cell, L_h, L_z = weights
    y_real = np.ones(len(y), bool) if y_real is None else y_real
    type_ = np.result_type(y, a, *states)
    o, alpha = np.zeros(y.shape, type_), np.zeros((len(y), len(a)), type_)
    beta = np.zeros(len(y), type_)
    for t in np.flatnonzero(y_real):
        z, alpha[t], beta[t] = look(states[0], a, of_attention, real)
        states = references.cell_step(kind, np.concatenate([y[t], z]), states, of_cell)
        o[t] = np.tanh(y[t] + L_h.T @ states[0] + L_z.T @ z)
    return o, alpha, beta


def built_attention(module=visual_attention):
    layer = module.VisualAttention(K, dtype=proofs.DTYPE)
    layer(random(BATCH, N), random(BATCH, L, M))
    return proofs.random_weights(layer)


def make(kind, module=visual_attention):
    cell = CELLS[kind](N, **({"reset_after": False} if kind == "GRU" else {}))
    cell = type(cell).from_config(cell.get_config() | {"dtype": proofs.DTYPE})
    own = {"dtype": proofs.DTYPE}
    return module.CaptionDecoder(cell, module.VisualAttention(K, **own), **own)


def inputs(layer):
    states = [random(BATCH, n, seed=5 + i) for i, n in enumerate(layer.cell.state_size)]
    return random(BATCH, T, D, seed=3), random(BATCH, L, M, seed=2), states


def decoder_weights(layer):
    """What `decode` takes: of the attention, of the cell, L_h and L_z."""
    cell = layer.cell
    own = weights_of(cell.attention), weights_of(cell.cell)
    return *own, *numpy_of([cell.L_h, cell.L_z])


def built(kind, module=visual_attention):
    layer = make(kind, module)
    y, a, states = inputs(layer)
    layer(y, a, states)
    proofs.random_weights(layer)
    return layer, decoder_weights(layer)


def check_attention(module=visual_attention):
    layer = built_attention(module)
    h, a = random(BATCH, N, seed=4), random(BATCH, L, M, seed=2)
    for mask in (None, proofs.mask_with_holes(BATCH, L)):
        z, alpha, beta = numpy_of(layer(h, a, mask=mask))
        for i in range(BATCH):
            row = None if mask is None else mask[i]
            right = look(h[i], a[i], weights_of(layer), row)
            proofs.assert_same([z[i], alpha[i], beta[i, 0]], list(map(np.array, right)))
        again = numpy_of(layer(h, a, mask=mask, keys=layer.keys(a)))
        proofs.assert_same(again, [z, alpha, beta], 1e-30)


def check_decoder(kind, module=visual_attention):
    layer, own = built(kind, module)
    y, a, states = inputs(layer)
    y_mask, a_mask = proofs.mask_with_holes(BATCH, T), proofs.mask_with_holes(BATCH, L)
    for masks in ({}, {"y_mask": y_mask, "a_mask": a_mask}):
        ours = numpy_of(layer(y, a, states, **masks))
        for i in range(BATCH):
            rows = [masks[k][i] if masks else None for k in ("y_mask", "a_mask")]
            begin = [state[i] for state in states]
            right = decode(kind, y[i], a[i], begin, own, *rows)
            proofs.assert_same([each[i] for each in ours], list(right))


def check_model(start, module=visual_attention):
    decoder = make("LSTM", module)
    model = module.Captioner(8, D, M, decoder, start=start, dtype=proofs.DTYPE)
    x, y = random(BATCH, L, 5), np.random.default_rng(3).integers(0, 8, (BATCH, T))
    model([x, y])
    proofs.random_weights(model)
    found = numpy_of(model([x, y], attention=True))
    own = decoder_weights(decoder)
    (A, b), (E,), (L_o, c) = map(weights_of, (model.A, model.E, model.L_o))
    for i in range(BATCH):
        a = np.maximum(x[i] @ A + b, 0)
        begin = [np.zeros(N), np.zeros(N)]
        if start == "mean":
            P, p = weights_of(model.P)
            begin[0] = np.tanh(a.mean(axis=0) @ P + p)
        o, alpha, beta = decode("LSTM", E[y[i]], a, begin, own)
        proofs.assert_same([each[i] for each in found], [o @ L_o + c, alpha, beta])


def check_term(module=visual_attention):
    alpha, real = np.abs(random(BATCH, T, L)), proofs.mask_with_holes(BATCH, T)
    for goal in (1.0, 0.25, "share"):
        found = ops.convert_to_numpy(module.doubly_stochastic(alpha, real, goal))
        for i in range(BATCH):
            wanted = real[i].sum() / L if goal == "share" else goal
            right = sum((wanted - alpha[i, real[i], j].sum()) ** 2 for j in range(L))
            assert found[i] == pytest.approx(right, rel=1e-5)


# --- the attention ------------------------------------------------------------------


def test_a_look_is_its_equation_in_numpy():
    check_attention()


def test_a_case_by_hand():
    """tanh(.5 ∓ .5) = 0, .7616; v = 2: α = (.1790, .8210); β = σ(1) = .7311."""
    layer = visual_attention.VisualAttention(1)
    h, a = np.array([[0.5]], "float32"), np.array([[[-0.5], [0.5]]], "float32")
    layer(h, a)
    own = [[1.0]], [[1.0]], [2.0], [[3.0]], [-0.5]
    layer.set_weights([np.array(w) for w in own])
    z, alpha, beta = numpy_of(layer(h, a))
    np.testing.assert_allclose(alpha, [[0.1790, 0.8210]], atol=5e-5)
    np.testing.assert_allclose(beta, [[0.7311]], atol=5e-5)
    np.testing.assert_allclose(z, [[0.7311 * 0.3210]], atol=5e-5)


def test_without_the_gate_it_is_the_additive_attention():
    layer, plain = built_attention(), AdditiveAttention(K, dtype=proofs.DTYPE)
    h, a = random(BATCH, N, seed=4), random(BATCH, L, M, seed=2)
    mask = proofs.mask_with_holes(BATCH, L)
    plain(h, a)
    plain.set_weights(layer.get_weights()[:3])
    z, alpha, beta = numpy_of(layer(h, a, mask=mask))
    context, same = numpy_of(plain(h, a, mask=mask))
    proofs.assert_same([z, alpha], [beta * context, same])
    assert ((beta > 0) & (beta < 1)).all() and np.ptp(beta) > 0.1


def test_a_picture_that_is_masked_throughout_gets_no_weight_and_no_nan():
    layer = built_attention()
    h, a = random(BATCH, N, seed=4), random(BATCH, L, M, seed=2)
    mask = np.ones((BATCH, L), bool)
    mask[1], a[1] = False, 1e3
    z, alpha, _ = numpy_of(layer(h, a, mask=mask))
    assert np.isfinite(z).all() and not z[1].any() and not alpha[1].any()
    assert np.abs(z[[0, 2]]).min() > 0

    def total(a):
        return ops.sum(layer(h, a, mask=mask)[0])

    assert np.isfinite(gradients.gradient(total, a)).all()


def test_what_stands_in_a_masked_window_changes_nothing():
    layer = built_attention()
    h, a = random(BATCH, N, seed=4), random(BATCH, L, M, seed=2)
    mask = proofs.mask_with_holes(BATCH, L)
    right = numpy_of(layer(h, a, mask=mask))
    a[~mask] = 7.0
    proofs.assert_same(numpy_of(layer(h, a, mask=mask)), right)


# --- the decoder --------------------------------------------------------------------


@each_cell
def test_the_decoder_is_its_equations_in_numpy(kind):
    check_decoder(kind)


def test_its_gradients_are_those_of_the_equations():
    """Along a random direction, against a complex step of the NumPy loop."""
    layer, own = built("GRU")
    y, a, states = inputs(layer)
    for place, size in ((0, y.shape), (1, a.shape)):
        v = random(*size, seed=9)

        def loss(x, place=place):
            pair = [y, a]
            pair[place] = x
            o, alpha, beta = layer(*pair, states)
            return ops.sum(o[..., 1:] ** 2) + ops.sum(alpha[..., 2]) + ops.sum(beta**2)

        found = (gradients.gradient(loss, (y, a)[place]) * v).sum()
        right = 0
        for i in range(BATCH):
            pair = [y[i].astype("complex128"), a[i].astype("complex128")]
            pair[place] = pair[place] + 1e-20j * v[i]
            o, alpha, beta = decode("GRU", *pair, [s[i] for s in states], own)
            value = (o[:, 1:] ** 2).sum() + alpha[:, 2].sum() + (beta**2).sum()
            right += value.imag / 1e-20
        assert found == pytest.approx(right, rel=50 * proofs.TOLERANCE)


def test_one_word_after_the_other_is_the_whole():
    layer, _ = built("LSTM")
    y, a, states = inputs(layer)
    mask = proofs.mask_with_holes(BATCH, L)
    o, alpha, _ = numpy_of(layer(y, a, states, a_mask=mask))
    y, a = ops.convert_to_tensor(y), ops.convert_to_tensor(a)
    states = [ops.convert_to_tensor(state) for state in states]
    for keys in (layer.keys(a), None):  # computed once, or at every step
        now = states
        for t in range(T):
            one, weights, now = layer.step(y[:, t], now, (a, keys, mask))
            proofs.assert_same([one, weights], [o[:, t], alpha[:, t]])


def test_a_caption_of_filling_only_gives_zeros():
    layer, _ = built("GRU")
    y, a, states = inputs(layer)
    mask = np.ones((BATCH, T), bool)
    mask[1] = False
    o, alpha, beta = numpy_of(layer(y, a, states, y_mask=mask))
    assert not o[1].any() and not alpha[1].any() and not beta[1].any()
    assert np.abs(o[[0, 2]]).max() > 0 and np.isfinite(o).all()


def test_masks_come_along_from_embeddings():
    ids = np.array([[1, 2, 3, 0], [4, 1, 0, 0], [2, 2, 2, 2]])
    embed = keras.layers.Embedding(5, 4, mask_zero=True)
    parts = keras.layers.GRUCell(5), visual_attention.VisualAttention(3)
    o, alpha, beta = numpy_of(
        visual_attention.CaptionDecoder(*parts)(embed(ids), embed(ids))
    )
    mask = ids > 0
    assert not o[~mask].any() and not alpha[~mask].any() and not beta[~mask].any()
    assert not alpha.transpose(0, 2, 1)[~mask].any()
    np.testing.assert_allclose(alpha.sum(axis=2)[mask], 1, rtol=1e-6)


def test_the_memory_is_not_kept():
    layer, _ = built("GRU")
    y, a, states = inputs(layer)
    assert layer.cell.memory is None
    with pytest.raises(Exception, match="features|shape|dimension|axis|[Ii]ncompat"):
        layer(random(BATCH, T, D + 1), a, states)
    assert layer.cell.memory is None


def test_two_batches_are_refused():
    with pytest.raises(ValueError, match=r"one batch, got \(3, 9, 4\) and \(2, 8, 6\)"):
        make("GRU")(random(3, 9, 4), random(2, 8, 6))


def test_a_picture_without_windows_is_refused():
    layer = visual_attention.VisualAttention(K)
    with pytest.raises(ValueError, match=r"no annotation vector: .*\(3, 0, 6\)"):
        layer(random(3, N), random(3, 0, M))


# --- the contract with Keras --------------------------------------------------------


@each_cell
def test_keras_contract(kind, keras_contract):
    def layer():
        parts = CELLS[kind](5), visual_attention.VisualAttention(3)
        return Alone(visual_attention.CaptionDecoder(*parts))

    keras_contract(layer)


# --- the loss's term ----------------------------------------------------------------


def test_the_doubly_stochastic_term_is_its_sum():
    check_term()


def test_the_term_is_zero_where_every_window_gets_its_goal():
    even = np.full((2, 6, 3), 1 / 3)
    real = np.array([[1, 1, 1, 0, 0, 0], [1] * 6])
    found = visual_attention.doubly_stochastic(even, real, "share")
    np.testing.assert_allclose(ops.convert_to_numpy(found), 0, atol=1e-12)
    found = ops.convert_to_numpy(visual_attention.doubly_stochastic(even, real))
    np.testing.assert_allclose(found, [0, 3], atol=1e-12)


# --- the model ----------------------------------------------------------------------

X = random(2, 8, 5).astype("float32")
Y = np.array([[1, 3, 4, 2, 0], [1, 7, 5, 6, 2]])


def small_model(start="mean", **options):
    parts = keras.layers.LSTMCell(6), visual_attention.VisualAttention(4)
    decoder = visual_attention.CaptionDecoder(*parts)
    kind = "DoublyStochasticCaptioner" if options else "Captioner"
    return getattr(visual_attention, kind)(8, 3, 7, decoder, start=start, **options)


@pytest.mark.parametrize("start", ["mean", "zero"])
def test_the_model_is_its_equations_in_numpy(start):
    check_model(start)


@pytest.mark.parametrize("start", ["mean", "zero"])
def test_step_by_step_the_model_says_what_it_says_at_once(start):
    model = small_model(start)
    logits, alpha, beta = model([X, Y], attention=True)
    assert logits.shape == (2, 5, 8) and alpha.shape == (2, 5, 8)
    assert beta.shape == (2, 5)
    proofs.assert_same(model([X, Y]), logits, 1e-30)
    right = ops.convert_to_numpy(ops.log_softmax(logits))
    memory, states = model.begin(ops.convert_to_tensor(X))
    for t in range(Y.shape[1]):
        log_p, states = model.step(ops.convert_to_tensor(Y[:, t]), states, memory)
        proofs.assert_same(log_p, right[:, t], 2e-6)


def test_only_the_mean_start_sees_the_picture_before_the_first_look():
    for start, sees in (("mean", True), ("zero", False)):
        model = small_model(start)
        model([X, Y])  # makes the weights
        one, other = (ops.convert_to_numpy(model.begin(x)[1][0]) for x in (X, X + 1))
        assert (np.abs(one - other).max() > 1e-4) == sees
        assert one.any() == sees


def test_the_model_adds_the_term_a_word_to_its_loss():
    plain, more = small_model(), small_model(doubly=0.5)
    for model in (plain, more):
        model([X, Y])
        model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(True, 0))
    more.set_weights(plain.get_weights())
    losses = [m.evaluate([X, Y[:, :-1]], Y[:, 1:], verbose=0) for m in (plain, more)]
    _, alpha, _ = plain([X, Y[:, :-1]], attention=True)
    alpha = ops.convert_to_numpy(alpha)
    real = [[0, 1, 2], [0, 1, 2, 3]]  # the steps that read START or a word
    terms = [
        ((1 - alpha[i, rows].sum(axis=0)) ** 2).sum() / len(rows)
        for i, rows in enumerate(real)
    ]
    assert losses[1] - losses[0] == pytest.approx(0.5 * np.mean(terms), rel=1e-4)


def test_a_model_trains_and_reloads_and_decodes(tmp_path):
    keras.utils.set_random_seed(0)
    model = small_model("zero", doubly=0.001, goal="share")
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)
    model.compile(keras.optimizers.Adam(0.05), loss)
    x, y = np.repeat(X, 16, axis=0), np.repeat(Y, 16, axis=0)
    options = {"verbose": 0, "epochs": 200}
    found = model.fit([x, y[:, :-1]], y[:, 1:], **options).history["loss"]
    assert found[-1] < 0.2 * found[0]
    said = Greedy(model, 5).predict(X, verbose=0)
    assert said.tolist() == [[3, 4, 2, 0, 0], [7, 5, 6, 2, 0]]
    best, _ = BeamSearch(model, 5, 3).predict(X, verbose=0)
    assert best.tolist() == said.tolist()
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    proofs.assert_same(again([X, Y]), model([X, Y]), 2e-6)
    assert again.own == model.own


def test_an_unknown_start_is_refused():
    with pytest.raises(
        ValueError, match="start must be 'mean' or 'zero', got 'random'"
    ):
        small_model("random")


# --- mutants ------------------------------------------------------------------------

# Each breaks one part: the piece of its source, and what stands there instead.
MUTANTS = {
    "no gate": ("z = beta * context", "z = context"),
    "the gate shut twice": ("z = beta * context", "z = beta**2 * context"),
    "a gate without a state": (
        "ops.matmul(h, self.w_beta) + self",
        "0 * h[:, :1] + self",
    ),
    "a gate without a bias": ("self.w_beta) + self.b_beta", "self.w_beta)"),
    "a gate that is not squashed": ("beta = ops.sigmoid(", "beta = ("),
    "the mask is lost": (
        "super().call(h, a, mask, keys)",
        "super().call(h, a, None, keys)",
    ),
    "looks with the last state": (
        "self.attention(states[0]",
        "self.attention(states[-1]",
    ),
    "z is not read": ("ops.concatenate([y, z]", "ops.concatenate([y, 0 * z]"),
    "z before y": ("ops.concatenate([y, z]", "ops.concatenate([z, y]"),
    "the output does not see": ("+ ops.matmul(z, self.L_z)", ""),
    "the output forgets the word": (
        "ops.tanh(y + ops.matmul(h",
        "ops.tanh(ops.matmul(h",
    ),
    "the output is the old state's": (
        "h, states = self.cell(ops.concatenate([y, z], axis=-1), states)",
        "h, (_, states) = states[0], self.cell(ops.concatenate([y, z], -1), states)",
    ),
    "the output is linear": ("o = ops.tanh(y", "o = (y"),
    "α and β change places": ("[o, alpha, beta]", "[o, beta, alpha]"),
    "the picture's mask is lost": ("self.keys(a), a_mask", "self.keys(a), None"),
    "the words' mask is lost": ("mask=y_mask", "mask=None"),
    "starts at zero": ("initial_state=initial_state,", "initial_state=None,"),
}
OF_THE_MODEL = {
    "the start is of the first vector": ("ops.mean(a, axis=1)", "a[:, 0]"),
    "the start is no tanh": ('.output_size, "tanh"', ".output_size, None"),
    "no relu": ('(annotation, "relu"', "(annotation, None"),
    "the start is not passed on": (
        "a, self.first(a))",
        "a, [0 * s for s in self.first(a)])",
    ),
}
OF_THE_TERM = {
    "filling counts": ("ops.sum(alpha * real, axis=1)", "ops.sum(alpha, axis=1)"),
    "not squared": (")) ** 2, axis=-1)", ")), axis=-1)"),
    "over words": ("ops.sum(alpha * real, axis=1)", "ops.mean(alpha * real, axis=1)"),
    "the share of all steps": (
        "ops.sum(real, axis=1) / alpha",
        "ops.sum(ops.ones_like(real), axis=1) / alpha",
    ),
}


@pytest.mark.parametrize("change", MUTANTS.values(), ids=MUTANTS)
def test_the_comparison_notices_a_broken_layer(change):
    broken = proofs.mutant(visual_attention, *change)
    with pytest.raises(AssertionError):
        check_attention(broken)
        check_decoder("LSTM", broken)


@pytest.mark.parametrize("change", OF_THE_MODEL.values(), ids=OF_THE_MODEL)
def test_the_comparison_notices_a_broken_model(change):
    with pytest.raises(AssertionError):
        check_model("mean", proofs.mutant(visual_attention, *change))


@pytest.mark.parametrize("change", OF_THE_TERM.values(), ids=OF_THE_TERM)
def test_the_comparison_notices_a_broken_term(change):
    with pytest.raises(AssertionError):
        check_term(proofs.mutant(visual_attention, *change))
