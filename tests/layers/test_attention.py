"""Chapter 4.5's layers are their equations, and these tests would notice if not."""

import keras
import numpy as np
import pytest
import references
from alone import Alone
from keras import ops

from utils import gradients, proofs
from utils.layers import attention
from utils.layers.encoder_decoder import BeamSearch, Encoder, Greedy

SCORES = ("additive", "dot", "scaled_dot", "general", "concat")
CELLS = {
    "SimpleRNN": keras.layers.SimpleRNNCell,
    "GRU": keras.layers.GRUCell,
    "LSTM": keras.layers.LSTMCell,
}
each_score = pytest.mark.parametrize("score", SCORES)
each_order = pytest.mark.parametrize("order", ["attend_first", "update_first"])
each_fed = pytest.mark.parametrize("fed", [False, True], ids=["", "fed"])
N, M, D, BATCH, T_X, T_Y = 5, 6, 4, 3, 8, 9


def random(*shape, seed=1):
    return np.random.default_rng(seed).normal(size=shape).astype(proofs.DTYPE)


def score_layer(score, module=attention):
    own = {"dtype": proofs.DTYPE}
    if score == "additive":
        return module.AdditiveAttention(7, **own)
    units = 7 if score == "concat" else None
    return module.MultiplicativeAttention(score, units, **own)


def size_of(score):
    """m: the dots need that of the states."""
    return N if "dot" in score else M


def inputs(score):
    h = random(BATCH, T_X, size_of(score), seed=2)
    return random(BATCH, N, seed=1), h, proofs.mask_with_holes(BATCH, T_X)


def weights_of(layer):
    return [np.asarray(w, "float64") for w in layer.get_weights()]


def numpy_of(tensors):
    return [ops.convert_to_numpy(tensor) for tensor in tensors]


def built(score, module=attention):
    s, h, _ = inputs(score)
    layer = score_layer(score, module)
    layer(s, h)
    if layer.weights:
        proofs.random_weights(layer)
    return layer


def check_score(score, module=attention):
    s, h, mask = inputs(score)
    layer = built(score, module)
    for real in (None, mask):
        c, alpha = numpy_of(layer(s, h, mask=real))
        for i in range(BATCH):
            row = None if real is None else real[i]
            own = weights_of(layer)
            right = references.attention(score, s[i], h[i], own, row)
            proofs.assert_same([c[i], alpha[i]], right)
        again = numpy_of(layer(s, h, mask=real, keys=layer.keys(h)))
        proofs.assert_same(again, [c, alpha], 1e-30)


def make(kind, score, order, fed, module=attention):
    cell = CELLS[kind](N, **({"reset_after": False} if kind == "GRU" else {}))
    cell = type(cell).from_config(cell.get_config() | {"dtype": proofs.DTYPE})
    parts = cell, score_layer(score, module)
    return module.AttentionDecoder(*parts, order, fed, dtype=proofs.DTYPE)


def decoder_inputs(layer, score):
    y, h = random(BATCH, T_Y, D, seed=3), random(BATCH, T_X, size_of(score), seed=2)
    states = [random(BATCH, n, seed=5 + i) for i, n in enumerate(layer.cell.state_size)]
    return y, h, states


def decoder_weights(layer, score):
    return {
        "cell": weights_of(layer.cell.cell),
        score: weights_of(layer.cell.attention),
        "W_c": weights_of(layer.cell.to_output)[0],
    }


def check_decoder(kind, score, order, fed, module=attention):
    layer = make(kind, score, order, fed, module)
    y, h, states = decoder_inputs(layer, score)
    layer(y, h, states)
    proofs.random_weights(layer)
    own = decoder_weights(layer, score)
    y_mask = proofs.mask_with_holes(BATCH, T_Y)
    for masks in ({}, {"y_mask": y_mask, "h_mask": proofs.mask_with_holes(BATCH, T_X)}):
        ours = numpy_of(layer(y, h, states, **masks))
        for i in range(BATCH):
            rows = [masks[k][i] if masks else None for k in ("y_mask", "h_mask")]
            begin = [state[i] for state in states]
            right = references.attention_decoder(
                kind, y[i], h[i], begin, own, order, fed, *rows
            )
            proofs.assert_same([both[i] for both in ours], right)


# --- the scores ---------------------------------------------------------------------


@each_score
def test_a_score_is_its_equation_in_numpy(score):
    check_score(score)


@each_score
def test_the_weights_are_never_negative_and_add_up_to_one(score):
    s, h, mask = inputs(score)
    layer = built(score)
    alphas = []
    for state in (s, s[::-1].copy()):
        c, alpha = numpy_of(layer(state, h, mask=mask))
        assert (alpha >= 0).all() and not alpha[~mask].any()
        np.testing.assert_allclose(alpha.sum(axis=1), 1, rtol=1e-6)
        alphas.append((c, alpha))
    assert np.abs(alphas[0][0] - alphas[1][0]).max() > 1e-2  # c depends on s


def test_concat_is_additive_with_its_matrix_cut_in_two():
    s, h, mask = inputs("concat")
    additive, concat = built("additive"), built("concat")
    W_a, U_a, v_a = additive.get_weights()
    concat.set_weights([np.concatenate([W_a, U_a]), v_a])
    found = [numpy_of(layer(s, h, mask=mask)) for layer in (additive, concat)]
    proofs.assert_same(*found)


def test_additive_is_keras_s_once_its_inputs_are_multiplied():
    s, h, mask = inputs("additive")
    layer = built("additive")
    W_a, U_a, v_a = layer.get_weights()
    theirs = keras.layers.AdditiveAttention(dtype=proofs.DTYPE)
    query, key = (s @ W_a)[:, None], h @ U_a
    theirs([query, h, key])
    theirs.set_weights([v_a])
    c, alpha = theirs([query, h, key], mask=[None, mask], return_attention_scores=True)
    ours = layer(s, h, mask=mask)
    proofs.assert_same(ours, [ops.squeeze(x, axis=1) for x in (c, alpha)])


@pytest.mark.parametrize("score", ["dot", "general"])
def test_dot_and_general_are_keras_s_attention(score):
    s, h, mask = inputs(score)
    layer = built(score)
    query = s @ layer.get_weights()[0] if score == "general" else s
    theirs = keras.layers.Attention(dtype=proofs.DTYPE)
    c, alpha = theirs(
        [query[:, None], h], mask=[None, mask], return_attention_scores=True
    )
    ours = layer(s, h, mask=mask)
    proofs.assert_same(ours, [ops.squeeze(x, axis=1) for x in (c, alpha)])


def test_scaled_dot_is_pytorch_s():
    torch = pytest.importorskip("torch")
    s, h, mask = inputs("scaled_dot")
    c, _ = built("scaled_dot")(s, h, mask=mask)
    q, k, m = (torch.tensor(a) for a in (s[:, None], h, mask[:, None]))
    right = torch.nn.functional.scaled_dot_product_attention(q, k, k, attn_mask=m)
    proofs.assert_same(c, right.numpy()[:, 0])


def test_a_case_by_hand():
    """v = 2, tanh(0.5 − 0.5) = 0 and tanh(0.5 + 0.5) = .7616: α = σ(1.523) = .8210."""
    layer = attention.AdditiveAttention(1)
    s, h = np.array([[0.5]], "float32"), np.array([[[-0.5], [0.5]]], "float32")
    layer(s, h)
    layer.set_weights([np.array(w) for w in ([[1.0]], [[1.0]], [2.0])])
    c, alpha = numpy_of(layer(s, h))
    np.testing.assert_allclose(alpha, [[0.1790, 0.8210]], atol=5e-5)
    np.testing.assert_allclose(c, [[0.3210]], atol=5e-5)


@each_score
def test_a_row_of_filling_gets_no_weight_and_no_nan(score):
    s, h, mask = inputs(score)
    mask[1] = False
    h[1] = 1e3
    layer = built(score)
    c, alpha = numpy_of(layer(s, h, mask=mask))
    assert not c[1].any() and not alpha[1].any()
    assert np.isfinite(c).all() and np.abs(c[[0, 2]]).min() > 0

    def total(h):
        return ops.sum(layer(s, h, mask=mask)[0])

    assert np.isfinite(gradients.gradient(total, h)).all()


@each_score
def test_what_stands_in_the_filling_changes_nothing(score):
    s, h, mask = inputs(score)
    layer = built(score)
    right = numpy_of(layer(s, h, mask=mask))
    h[~mask] = 7.0
    proofs.assert_same(numpy_of(layer(s, h, mask=mask)), right)


@each_score
def test_half_precision_has_no_overflow_and_no_nan(score):
    s, h, mask = inputs(score)
    mask[0] = False  # −1e9 is −∞ in half precision: a row of it would be nan
    layer = score_layer(score)
    config = layer.get_config() | {"dtype": "mixed_float16"}
    half = type(layer).from_config(config)
    c, alpha = half(s.astype("float16"), h.astype("float16"), mask=mask)
    assert keras.backend.standardize_dtype(alpha.dtype) == "float16"
    c, alpha = numpy_of((c, alpha))
    assert np.isfinite(c).all() and not alpha[~mask].any()
    shares = alpha.astype("float32").sum(axis=1)
    np.testing.assert_allclose(shares, mask.any(axis=1), atol=3e-3)


# --- the decoder --------------------------------------------------------------------


@each_fed
@each_order
@pytest.mark.parametrize("kind", CELLS)
def test_the_decoder_is_its_equations_in_numpy(kind, order, fed):
    check_decoder(kind, "additive", order, fed)


@each_order
@pytest.mark.parametrize("score", SCORES[1:])
def test_the_decoder_is_right_with_every_score(score, order):
    check_decoder("GRU", score, order, True)


@each_fed
@each_order
def test_its_gradients_are_those_of_the_equations(order, fed):
    """Along a random direction, against a complex step of the NumPy loop."""
    layer = make("GRU", "additive", order, fed)
    y, h, states = decoder_inputs(layer, "additive")
    layer(y, h, states)
    proofs.random_weights(layer)
    own = decoder_weights(layer, "additive")
    for place, size in ((0, y.shape), (1, h.shape)):
        v = random(*size, seed=9)

        def loss(x, place=place):
            pair = [y, h]
            pair[place] = x
            o, alpha = layer(*pair, states)
            return ops.sum(o[..., 1:] ** 2) + ops.sum(alpha[..., 2])

        found = (gradients.gradient(loss, (y, h)[place]) * v).sum()
        right = 0
        for i in range(BATCH):
            pair = [y[i].astype("complex128"), h[i].astype("complex128")]
            pair[place] = pair[place] + 1e-20j * v[i]
            begin = [state[i] for state in states]
            o, alpha = references.attention_decoder(
                "GRU", *pair, begin, own, order, fed
            )
            right += ((o[:, 1:] ** 2).sum() + alpha[:, 2].sum()).imag / 1e-20
        assert found == pytest.approx(right, rel=50 * proofs.TOLERANCE)


@each_fed
@each_order
def test_one_step_after_the_other_is_the_whole(order, fed):
    layer = make("LSTM", "general", order, fed)
    y, h, states = decoder_inputs(layer, "general")
    mask = proofs.mask_with_holes(BATCH, T_X)
    o, alpha = numpy_of(layer(y, h, states, h_mask=mask))
    proofs.random_weights(layer)
    o, alpha = numpy_of(layer(y, h, states, h_mask=mask))
    h, y = ops.convert_to_tensor(h), ops.convert_to_tensor(y)
    states = [ops.convert_to_tensor(state) for state in states]
    for keys in (layer.keys(h), None):  # computed once, or at every step
        now = states
        for t in range(T_Y):
            one, weights, now = layer.step(y[:, t], now, (h, keys, mask))
            proofs.assert_same([one, weights], [o[:, t], alpha[:, t]])


@each_order
def test_every_step_looks_at_something_else(order):
    layer = make("GRU", "additive", order, False)
    y, h, states = decoder_inputs(layer, "additive")
    layer(y, h, states)
    proofs.random_weights(layer)
    _, alpha = numpy_of(layer(y, h, states))
    np.testing.assert_allclose(alpha.sum(axis=2), 1, rtol=1e-6)
    c = alpha @ h
    for i in range(T_Y):
        for j in range(i):
            assert np.abs(c[:, i] - c[:, j]).max() > 1e-3


def test_only_attend_first_knows_its_weights_before_it_reads():
    """α_i depends on y_i in the second order only."""
    for order, depends in (("attend_first", False), ("update_first", True)):
        layer = make("GRU", "additive", order, False)
        y, h, states = decoder_inputs(layer, "additive")
        layer(y, h, states)
        proofs.random_weights(layer)
        other = y.copy()
        other[:, 3] += 1
        one, two = (numpy_of(layer(a, h, states))[1] for a in (y, other))
        np.testing.assert_array_equal(one[:, :3], two[:, :3])
        assert (np.abs(one[:, 3] - two[:, 3]).max() > 1e-4) == depends
        assert np.abs(one[:, 4] - two[:, 4]).max() > 1e-4


def test_masks_come_along_from_embeddings():
    ids = np.array([[1, 2, 3, 0], [4, 1, 0, 0], [2, 2, 2, 2]])
    embed = keras.layers.Embedding(5, 4, mask_zero=True)
    layer = attention.AttentionDecoder(
        keras.layers.GRUCell(5), attention.AdditiveAttention(3)
    )
    o, alpha = numpy_of(layer(embed(ids), embed(ids)))
    mask = ids > 0
    assert not o[~mask].any() and not alpha[~mask].any()
    assert not alpha.transpose(0, 2, 1)[~mask].any()
    np.testing.assert_allclose(alpha.sum(axis=2)[mask], 1, rtol=1e-6)


def test_a_source_of_filling_gives_zeros_for_weights_and_no_nan():
    layer = make("GRU", "additive", "attend_first", False)
    y, h, states = decoder_inputs(layer, "additive")
    mask = np.ones((BATCH, T_X), bool)
    mask[1] = False
    o, alpha = numpy_of(layer(y, h, states, h_mask=mask))
    assert np.isfinite(o).all() and not alpha[1].any() and alpha[[0, 2]].min() > 0


def test_the_memory_is_not_kept():
    layer = make("GRU", "additive", "attend_first", False)
    y, h, states = decoder_inputs(layer, "additive")
    layer(y, h, states)
    assert layer.cell.memory is None
    with pytest.raises(Exception, match="features|shape|dimension|axis|[Ii]ncompat"):
        layer(random(BATCH, T_Y, D + 1), h, states)
    assert layer.cell.memory is None


# --- the contract with Keras --------------------------------------------------------


@pytest.mark.parametrize(
    "score, order, fed",
    [
        ("additive", "attend_first", False),
        ("scaled_dot", "update_first", True),
        ("general", "update_first", False),
        ("concat", "attend_first", True),
    ],
)
def test_keras_contract(score, order, fed, keras_contract):
    def layer():
        n = 4 if "dot" in score else 5
        part = (
            attention.AdditiveAttention(3)
            if score == "additive"
            else attention.MultiplicativeAttention(
                score, 3 if score == "concat" else None
            )
        )
        cell = keras.layers.GRUCell(n)
        return Alone(attention.AttentionDecoder(cell, part, order, fed))

    keras_contract(layer)


def test_config_keeps_every_argument():
    cell, score = (
        keras.layers.LSTMCell(3),
        attention.MultiplicativeAttention("concat", 4),
    )
    layer = attention.AttentionDecoder(cell, score, "update_first", True, name="mine")
    copy = attention.AttentionDecoder.from_config(layer.get_config())
    assert copy.get_config() == layer.get_config()
    assert copy.cell.order == "update_first" and copy.cell.input_feeding is True
    assert copy.cell.attention.score == "concat" and copy.cell.attention.units == 4
    assert copy.cell.cell.units == 3 and copy.name == "mine"
    assert copy.cell.state_size == [3, 3, 3]


# --- the model ----------------------------------------------------------------------


def small_model(order="attend_first", fed=False, cell=None):
    gru = keras.layers.GRU(4, return_sequences=True, return_state=True)
    encoder = Encoder(keras.layers.Bidirectional(gru))
    decoder = attention.AttentionDecoder(
        cell or keras.layers.GRUCell(5), attention.AdditiveAttention(6), order, fed
    )
    return attention.AttentionModel(9, 8, 3, encoder, decoder)


X = np.array([[1, 5, 8, 2, 0, 0], [3, 3, 4, 6, 7, 1]])
Y = np.array([[1, 3, 4, 2, 0], [1, 7, 5, 6, 2]])


def check_model(module=attention):
    own = {"dtype": proofs.DTYPE}
    lstm = keras.layers.LSTM(N, return_sequences=True, return_state=True, **own)
    decoder = make("LSTM", "additive", "update_first", False, module)
    model = module.AttentionModel(9, 8, D, Encoder(lstm, **own), decoder, **own)
    model([X, Y])
    proofs.random_weights(model)
    found = numpy_of(model([X, Y], attention=True))
    (E_x,), (E_y,) = weights_of(model.of_source), weights_of(model.of_target)
    (P, b), (V, c) = weights_of(model.P), weights_of(model.V)
    for i, real in enumerate(X > 0):
        h = np.zeros((len(real), N))
        h[real], C = references.encoder("LSTM", E_x[X[i][real]], [weights_of(lstm)])
        begin = [np.tanh(C @ P + b), np.zeros(N)]
        weights = decoder_weights(decoder, "additive")
        o, alpha = references.attention_decoder(
            "LSTM", E_y[Y[i]], h, begin, weights, "update_first", False, None, real
        )
        proofs.assert_same([both[i] for both in found], [o @ V + c, alpha])


def test_the_model_is_its_equations_in_numpy():
    check_model()


@each_fed
@each_order
def test_step_by_step_the_model_says_what_it_says_at_once(order, fed):
    model = small_model(order, fed, keras.layers.LSTMCell(5))
    logits, alpha = model([X, Y], attention=True)
    assert logits.shape == (2, 5, 8) and alpha.shape == (2, 5, 6)
    proofs.assert_same(model([X, Y]), logits, 1e-30)
    right = ops.convert_to_numpy(ops.log_softmax(logits))
    memory, states = model.begin(ops.convert_to_tensor(X))
    for t in range(Y.shape[1]):
        log_p, states = model.step(ops.convert_to_tensor(Y[:, t]), states, memory)
        proofs.assert_same(log_p, right[:, t], 2e-6)


def test_filling_at_the_end_of_a_source_changes_nothing():
    model = small_model()
    logits, alpha = numpy_of(model([X, Y], attention=True))
    wider = np.pad(X, ((0, 0), (0, 3)))
    more, weights = numpy_of(model([wider, Y], attention=True))
    proofs.assert_same(more, logits, 2e-6)
    proofs.assert_same(weights, np.pad(alpha, ((0, 0), (0, 0), (0, 3))), 2e-6)


def test_a_model_trains_and_reloads_and_decodes(tmp_path):
    keras.utils.set_random_seed(0)
    model = small_model("update_first", True)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.05), loss)
    x, y = np.repeat(X, 16, axis=0), np.repeat(Y, 16, axis=0)
    wanted, weight = y[:, 1:], (y[:, 1:] > 0).astype("float32")
    options = {"sample_weight": weight, "verbose": 0, "epochs": 60}
    found = model.fit([x, y[:, :-1]], wanted, **options).history["loss"]
    assert found[-1] < 0.1 * found[0]
    said = Greedy(model, 5).predict(X, verbose=0)
    assert said.tolist() == [[3, 4, 2, 0, 0], [7, 5, 6, 2, 0]]
    best, _ = BeamSearch(model, 5, 3).predict(X, verbose=0)
    assert best.tolist() == said.tolist()
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    proofs.assert_same(again([X, Y]), model([X, Y]), 2e-6)


# --- wrong arguments ----------------------------------------------------------------


def test_an_unknown_score_is_refused():
    with pytest.raises(
        ValueError, match="score must be one of .*'scaled_dot'.*'cosine'"
    ):
        attention.MultiplicativeAttention("cosine")


@pytest.mark.parametrize("score", ["dot", "scaled_dot", "general"])
@pytest.mark.parametrize("units", [3, True, "4", 0])
def test_units_are_for_concat_only(score, units):
    with pytest.raises(ValueError, match=f"units is for 'concat': '{score}' .*{units}"):
        attention.MultiplicativeAttention(score, units)


def test_concat_needs_units():
    with pytest.raises(ValueError, match="units must be a positive integer, got None"):
        attention.MultiplicativeAttention("concat")


def test_an_unknown_order_is_refused():
    parts = keras.layers.GRUCell(3), attention.AdditiveAttention(2)
    with pytest.raises(
        ValueError, match="order must be one of .*'attend_first'.*'last'"
    ):
        attention.AttentionDecoder(*parts, order="last")


@pytest.mark.parametrize("score", ["dot", "scaled_dot"])
def test_a_dot_of_two_sizes_is_refused(score):
    layer = attention.MultiplicativeAttention(score)
    with pytest.raises(
        ValueError, match=f"'{score}' needs n = m, got s of 5 and h of 6"
    ):
        layer(random(2, 5), random(2, 3, 6))


@each_score
def test_a_source_without_steps_is_refused(score):
    layer = score_layer(score)
    with pytest.raises(ValueError, match=r"no step to attend to: .*\(3, 0, \d\)"):
        layer(random(BATCH, N), random(BATCH, 0, size_of(score)))


def test_two_batches_are_refused():
    layer = make("GRU", "additive", "attend_first", False)
    with pytest.raises(ValueError, match=r"one batch, got \(3, 9, 4\) and \(2, 8, 6\)"):
        layer(random(3, 9, 4), random(2, 8, 6))


# --- mutants ------------------------------------------------------------------------

# Each breaks one part: the piece of its source, and what stands there instead.
OF_SCORES = {
    "filling counts": ("ops.where(mask, e, -1e9)", "e"),
    "filling keeps its weight": ("* ops.cast(mask, e.dtype)", "+ 1e-6"),
    "softmax over the batch": ("softmax(e)\n", "softmax(e, axis=0)\n"),
    "the mean instead of c": (
        "ops.matmul(alpha[:, None, :], h)[:, 0]",
        "ops.mean(h, axis=1)",
    ),
    "additive: no state": ("ops.matmul(s, self.W_a)[:, None, :] + keys", "keys"),
    "additive: no tanh": (
        "keys\n        e = ops.sum(self.v_a * ops.tanh(a)",
        "keys\n        e = ops.sum(self.v_a * a",
    ),
    "additive: keys of other steps": (
        "ops.matmul(h, self.U_a)",
        "ops.matmul(ops.flip(h, axis=1), self.U_a)",
    ),
    "concat: cut in the wrong place": ("self.W_a[self.n :]", "self.W_a[: -self.n]"),
    "concat: the state twice": ("self.W_a[: self.n]", "self.W_a[-self.n :]"),
    "general: permuted units": (
        "ops.transpose(self.W_a)",
        "ops.flip(ops.transpose(self.W_a), axis=1)",
    ),
    "scaled_dot: by n": ("h / self.n**0.5", "h / self.n"),
    "scaled_dot: not scaled": ("h / self.n**0.5 if", "h if"),
    "dot: permuted units": ("keys, s[..., None]", "keys, ops.flip(s, 1)[..., None]"),
}
OF_DECODERS = {
    "looks with the last state": ("attention(states[0], h", "attention(states[-1], h"),
    "c is not read": ("ops.concatenate([y, c]", "ops.concatenate([y, 0 * c]"),
    "c before y": ("ops.concatenate([y, c]", "ops.concatenate([c, y]"),
    "s before c": ("ops.concatenate([c, s]", "ops.concatenate([s, c]"),
    "feeds the state": ("+ [o] * self.input", "+ [s] * self.input"),
    "o before y": ("ops.concatenate([y, o]", "ops.concatenate([o, y]"),
    "looks before the update": (
        "s, states = self.cell(y, states)\n            c, alpha = self.attention(s, h",
        "c, alpha = self.attention(states[0], h, mask=mask, keys=keys)\n"
        "            s, states = self.cell(y, states)\n            dict(h=h",
    ),
    "the source's mask is lost": ("self.keys(h), h_mask", "self.keys(h), None"),
    "the target's mask is lost": ("mask=y_mask", "mask=None"),
    "starts at zero": ("initial_state=initial_state,", "initial_state=None,"),
    "filling repeats": (
        '"zero_output_for_mask": True',
        '"zero_output_for_mask": False',
    ),
}


OF_MODELS = {
    "the source's filling is read": ("ops.not_equal(x, 0)", "ops.not_equal(x, -1)"),
    "the start is 0": ("[self.P(C), *zeros]", "[0 * self.P(C), *zeros]"),
    "the start is no tanh": ('.output_size, "tanh"', ".output_size, None"),
    "y is not read": ("(self.of_target(y), h,", "(0 * self.of_target(y), h,"),
}


@pytest.mark.parametrize("change", OF_MODELS.values(), ids=OF_MODELS)
def test_the_comparison_notices_a_broken_model(change):
    with pytest.raises(AssertionError):
        check_model(proofs.mutant(attention, *change))


@pytest.mark.parametrize("change", OF_SCORES.values(), ids=OF_SCORES)
def test_the_comparison_notices_a_broken_score(change):
    broken = proofs.mutant(attention, *change)
    with pytest.raises(AssertionError):
        for score in SCORES:
            check_score(score, broken)


@pytest.mark.parametrize("change", OF_DECODERS.values(), ids=OF_DECODERS)
def test_the_comparison_notices_a_broken_decoder(change):
    broken = proofs.mutant(attention, *change)
    # on JAX, Keras itself refuses to repeat an output that is larger than the state
    refused = (
        keras.backend.backend() == "jax" and change is OF_DECODERS["filling repeats"]
    )
    with pytest.raises(ValueError if refused else AssertionError):
        for order in ("attend_first", "update_first"):
            check_decoder("LSTM", "scaled_dot", order, True, broken)
