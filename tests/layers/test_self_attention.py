"""Chapter 4.5.2's layers are their equations, and these tests would notice if not."""

import keras
import numpy as np
import pytest
from keras import ops

from utils import gradients, proofs
from utils.layers import self_attention
from utils.layers.encoder_decoder import END, BeamSearch, Greedy

N, D, D_Z, K, M, TIME, TIME_Z = 3, 4, 6, 5, 7, 8, 9
# units, values, causal, whether z is given
CASES = {
    "as the document": (None, None, False, False),
    "as the document, causal": (None, None, True, False),
    "maps": (K, None, False, False),
    "maps, causal": (K, None, True, False),
    "values": (K, M, False, False),
    "values, causal": (K, M, True, False),
    "values without maps": (None, M, False, False),
    "over to z": (K, None, False, True),
    "over to z, values": (K, M, False, True),
}
each_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def random(*shape, seed=1):
    return np.random.default_rng(seed).normal(size=shape).astype(proofs.DTYPE)


def inputs(given):
    """x, z or nothing, and the masks as keyword arguments."""
    x, z = random(N, TIME, D), random(N, TIME_Z, D_Z, seed=2)
    if given:
        return [x, z], {"z_mask": proofs.mask_with_holes(N, TIME_Z)}
    return [x], {"mask": proofs.mask_with_holes(N, TIME)}


def built(case, module=self_attention, dtype=proofs.DTYPE):
    units, values, causal, given = case
    layer = module.SelfAttention(units, values, causal, dtype=dtype)
    layer(*inputs(given)[0])
    return proofs.random_weights(layer)


def loop(x, z, weights, case, real=None):
    """c and α of one sequence, from the equations; may be complex."""
    units, values, causal, _ = case
    *maps, W_v = [*weights, None] if values is None else weights
    alpha = np.zeros((len(x), len(z)), np.result_type(x, z))
    c = []
    for i, x_i in enumerate(x):
        q = maps[0].T @ x_i if maps else x_i
        places = [
            j
            for j in range(len(z))
            if (real is None or real[j]) and not (causal and j > i)
        ]
        scores = []
        for j in places:
            k = maps[1].T @ z[j] if maps else z[j]
            scores.append(sum(q * k) / np.sqrt(len(q)))
        if places:
            e = np.exp(np.array(scores) - np.real(scores).max())
            alpha[i, places] = e / e.sum()
        size = z.shape[1] if W_v is None else W_v.shape[1]
        c_i = np.zeros(size, alpha.dtype)
        for j in places:
            c_i = c_i + alpha[i, j] * (z[j] if W_v is None else W_v.T @ z[j])
        c.append(c_i)
    return np.array(c), alpha


def numpy_of(tensors):
    return [ops.convert_to_numpy(tensor) for tensor in tensors]


def weights_of(layer):
    return [np.asarray(w, "float64") for w in layer.get_weights()]


def check_layer(case, module=self_attention):
    arrays, masks = inputs(case[3])
    layer = built(case, module)
    for own in ({}, masks):
        c, alpha = numpy_of(layer(*arrays, **own))
        for i in range(N):
            row = [a[i] for a in arrays]
            real = next(iter(own.values()))[i] if own else None
            right = loop(row[0], row[-1], weights_of(layer), case, real)
            proofs.assert_same([c[i], alpha[i]], right)


@each_case
def test_self_attention_is_its_equations_in_numpy(case):
    check_layer(case)


@each_case
def test_its_gradient_is_that_of_the_equations(case):
    """Along a random direction, against a complex step of the NumPy loop."""
    arrays, masks = inputs(case[3])
    layer, v = built(case), random(*arrays[0].shape, seed=9)

    def loss(x):
        c, alpha = layer(x, *arrays[1:], **masks)
        return ops.sum(c[..., 1:] ** 2) + ops.sum(alpha[..., 2])

    found = (gradients.gradient(loss, arrays[0]) * v).sum()
    right = 0
    for i in range(N):
        x = arrays[0][i].astype("complex128") + 1e-20j * v[i]
        z = arrays[1][i] if case[3] else x
        real = next(iter(masks.values()))[i]
        c, alpha = loop(x, z, weights_of(layer), case, real)
        right += ((c[:, 1:] ** 2).sum() + alpha[:, 2].sum()).imag / 1e-20
    assert found == pytest.approx(right, rel=50 * proofs.TOLERANCE)


def test_a_case_by_hand():
    """x = (1, −1), no maps: e_11 = 1, e_12 = −1, α_11 = σ(2) = .8808, c_1 = .7616."""
    x = np.array([[[1.0], [-1.0]]], "float32")
    c, alpha = numpy_of(self_attention.SelfAttention()(x))
    np.testing.assert_allclose(
        alpha[0], [[0.8808, 0.1192], [0.1192, 0.8808]], atol=5e-5
    )
    np.testing.assert_allclose(c[0, :, 0], [0.7616, -0.7616], atol=5e-5)
    c, alpha = numpy_of(self_attention.SelfAttention(causal=True)(x))
    assert alpha[0, 0].tolist() == [1, 0] and c[0, 0, 0] == 1


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("given", [False, True])
def test_one_head_of_keras_s_multi_head_attention_is_the_same(causal, given):
    if causal and given:
        pytest.skip("a causal layer takes no z")
    k = 4  # Keras rounds 1/√k to single precision: of 4 it is exact
    arrays, masks = inputs(given)
    layer = built((k, M, causal, given))
    W_q, W_k, W_v = layer.get_weights()
    theirs = keras.layers.MultiHeadAttention(
        1, k, value_dim=M, output_shape=M, use_bias=False, dtype=proofs.DTYPE
    )
    two = [arrays[0], arrays[-1]]
    theirs(*two, return_attention_scores=True)  # without, JAX wants M = k
    theirs.set_weights([W_q[:, None], W_k[:, None], W_v[:, None], np.eye(M)[None]])
    (real,) = masks.values()
    right, alpha = theirs(
        *two, value_mask=real, use_causal_mask=causal, return_attention_scores=True
    )
    ours = layer(*arrays, **masks)
    alpha = ops.convert_to_numpy(alpha)[:, 0]
    full = alpha.sum(axis=-1) > 0.5  # what Keras gives rows that see nothing is its own
    for one, other in zip(
        numpy_of(ours), (ops.convert_to_numpy(right), alpha), strict=True
    ):
        proofs.assert_same(one[full], other[full])


@pytest.mark.parametrize("causal", [False, True])
def test_pytorch_s_scaled_dot_product_is_the_same(causal):
    torch = pytest.importorskip("torch")
    (x,), masks = inputs(False)
    layer = built((K, M, causal, False))
    W_q, W_k, W_v = layer.get_weights()
    q, k, v = (torch.tensor(x @ W) for W in (W_q, W_k, W_v))
    seen = masks["mask"][:, None] & (np.tri(TIME, dtype=bool) | (not causal))
    right = torch.nn.functional.scaled_dot_product_attention(
        q, k, v, attn_mask=torch.tensor(seen)
    )
    c, full = ops.convert_to_numpy(layer(x, **masks)[0]), seen.any(axis=-1)
    proofs.assert_same(c[full], right.numpy()[full])


@each_case
def test_a_row_that_may_see_nothing_gets_zeros_and_no_nan(case):
    arrays, masks = inputs(case[3])
    ((name, real),) = masks.items()
    real[1] = False
    arrays[-1][1] = 1e3
    layer = built(case)
    c, alpha = numpy_of(layer(*arrays, **{name: real}))
    assert not c[1].any() and not alpha[1].any()
    assert np.isfinite(c).all() and alpha[0].any()
    rest = arrays[1:]

    def total(x):
        return ops.sum(layer(x, *rest, **{name: real})[0])

    assert np.isfinite(gradients.gradient(total, arrays[0])).all()


@each_case
def test_what_stands_in_the_filling_changes_nothing_real(case):
    arrays, masks = inputs(case[3])
    (real,) = masks.values()
    layer = built(case)
    right = numpy_of(layer(*arrays, **masks))
    arrays[-1][~real] = 7.0
    found = numpy_of(layer(*arrays, **masks))
    counts = np.ones((N, TIME), bool) if case[3] else real
    for one, other in zip(found, right, strict=True):
        proofs.assert_same(one[counts], other[counts])


@each_case
def test_half_precision_has_no_overflow_and_no_nan(case):
    arrays, masks = inputs(case[3])
    units, values, causal, _ = case
    half = self_attention.SelfAttention(units, values, causal, dtype="mixed_float16")
    c, alpha = half(*[a.astype("float16") for a in arrays], **masks)
    assert keras.backend.standardize_dtype(alpha.dtype) == "float16"
    c, alpha = numpy_of((c, alpha))
    (real,) = masks.values()
    assert np.isfinite(c).all() and not alpha.transpose(0, 2, 1)[~real].any()
    sums = alpha.astype("float32").sum(axis=2)
    np.testing.assert_allclose(sums[sums > 0], 1, atol=3e-3)


@pytest.mark.parametrize("name", ["as the document", "maps", "values"])
def test_inputs_in_another_order_give_outputs_in_that_order(name):
    layer, place = built(CASES[name]), self_attention.PositionEmbedding(TIME)
    place(random(N, TIME, D))
    proofs.random_weights(place)
    x, order = random(N, TIME, D), np.random.default_rng(0).permutation(TIME)
    right, found = (ops.convert_to_numpy(layer(a)[0]) for a in (x, x[:, order]))
    proofs.assert_same(found, right[:, order], 20 * proofs.TOLERANCE)
    right, found = (
        ops.convert_to_numpy(layer(ops.cast(place(a), proofs.DTYPE))[0])
        for a in (x, x[:, order])
    )
    assert np.abs(found - right[:, order]).max() > 1e-2


def test_without_maps_the_scores_are_symmetric_and_with_them_not():
    x = random(N, TIME, D)
    for units, symmetric in ((None, True), (K, False)):
        _, alpha = numpy_of(built((units, None, False, False))(x))
        e = np.log(alpha)
        e = e - np.diagonal(e, axis1=1, axis2=2)[:, :, None]  # rows share a constant
        size = (x**2).sum(axis=-1)
        e = e + size[:, :, None] / np.sqrt(D)  # e_ii without maps
        gap = np.abs(e - e.transpose(0, 2, 1)).max()
        assert (gap < 1e-4) == symmetric


def test_a_causal_layer_has_a_jacobian_without_future():
    layer = built(CASES["values, causal"])
    moves = gradients.influence(lambda x: layer(x)[0], random(TIME, D))
    past = np.tri(TIME, dtype=bool)
    assert (moves[~past] == 0).all() and (moves[past] > 0).all()


# --- positions, blocks, encoder and decoder ------------------------------------------


def test_positions_are_added_and_can_be_asked_for_one_by_one():
    place = self_attention.PositionEmbedding(10, dtype=proofs.DTYPE)
    x = random(N, TIME, D)
    place(x)
    (p,) = proofs.random_weights(place).get_weights()
    proofs.assert_same(place(x), x + p[:TIME])
    proofs.assert_same(place.at(np.array([3, 0, 9])), p[[3, 0, 9]])


def norm(x, gamma, beta):
    centred = x - x.mean(axis=-1, keepdims=True)
    spread = (centred**2).mean(axis=-1, keepdims=True)
    return gamma * centred / np.sqrt(spread + 1e-3) + beta


def block_loop(x, z, block, real=None, causal=False):
    """x' of one sequence, from the block's equation; z is None for a look at itself."""
    own = weights_of(block.attention)
    case = len(own) or None, None, causal, z is not None
    u = norm(x, *weights_of(block.norm))
    c, _ = loop(u, u if z is None else z, own, case, real)
    (W_1, b_1), (W_2, b_2) = weights_of(block.W_1), weights_of(block.W_2)
    inner = np.maximum(np.concatenate([u, c], axis=-1) @ W_1 + b_1, 0)
    return x + inner @ W_2 + b_2


def check_block(units, causal, given, module=self_attention):
    arrays, masks = inputs(given)
    block = module.AttentionBlock(units, causal, dtype=proofs.DTYPE)
    block(*arrays)
    proofs.random_weights(block)
    found = ops.convert_to_numpy(block(*arrays, **masks)[0])
    (real,) = masks.values()
    for i in range(N):
        z = arrays[1][i] if given else None
        proofs.assert_same(
            found[i], block_loop(arrays[0][i], z, block, real[i], causal)
        )


@pytest.mark.parametrize(
    "units, causal, given",
    [(None, False, False), (K, True, False), (K, False, True)],
)
def test_a_block_is_its_equation(units, causal, given):
    check_block(units, causal, given)


def coders(module=self_attention, blocks=2, positions=True, **own):
    own = {"dtype": proofs.DTYPE} | own
    encoder = module.SelfAttentionEncoder(12, K, blocks, positions, **own)
    decoder = module.SelfAttentionDecoder(12, K, blocks, positions, **own)
    x, y = random(N, TIME_Z, D_Z, seed=2), random(N, TIME, D)
    decoder(y, encoder(x))
    return proofs.random_weights(encoder), proofs.random_weights(decoder, 1), x, y


def coded(encoder, decoder, x, y, real):
    """What the encoder makes of one x, and the decoder of y and that, by blocks."""
    h = x + weights_of(encoder.place)[0][: len(x)]
    for look in encoder.looks:
        h = block_loop(h, None, look, real)
    h = norm(h, *weights_of(encoder.norm))
    s = y + weights_of(decoder.place)[0][: len(y)]
    for back, over in zip(decoder.back, decoder.over, strict=True):
        s = block_loop(s, None, back, causal=True)
        s = block_loop(s, h, over, real)
    return h, norm(s, *weights_of(decoder.norm))


def check_coders(module=self_attention):
    encoder, decoder, x, y = coders(module)
    mask = proofs.mask_with_holes(N, TIME_Z)
    h = ops.convert_to_numpy(encoder(x, mask=mask))
    s = ops.convert_to_numpy(decoder(y, h, h_mask=mask)[0])
    for i in range(N):
        right = coded(encoder, decoder, x[i], y[i], mask[i])
        proofs.assert_same([h[i], s[i]], list(right), 10 * proofs.TOLERANCE)


def test_encoder_and_decoder_are_their_blocks_in_numpy():
    check_coders()


def check_steps(positions=True, module=self_attention):
    encoder, decoder, x, y = coders(module, positions=positions)
    mask = proofs.mask_with_holes(N, TIME_Z)
    h = encoder(x, mask=mask)
    whole = ops.convert_to_numpy(decoder(y, h, h_mask=mask)[0])
    memory, states = decoder.begin(h, ops.convert_to_tensor(mask))
    for i in range(TIME):
        s, states = decoder.step(ops.convert_to_tensor(y[:, i]), states, memory)
        proofs.assert_same(s, whole[:, i], 10 * proofs.TOLERANCE)


@pytest.mark.parametrize("positions", [True, False])
def test_one_step_after_the_other_is_the_whole(positions):
    check_steps(positions)


def test_the_decoder_never_sees_ahead():
    encoder, decoder, x, y = coders()
    h = encoder(x)[:1]
    moves = gradients.influence(lambda y: decoder(y, h)[0], y[0])
    past = np.tri(TIME, dtype=bool)
    assert (moves[~past] == 0).all() and (moves[past] > 0).all()


def model(**options):
    encoder = self_attention.SelfAttentionEncoder(9, K, **options)
    decoder = self_attention.SelfAttentionDecoder(9, K, **options)
    made = self_attention.SelfAttentionModel(8, 7, 6, encoder, decoder)
    made([np.ones((2, 5), "int32"), np.ones((2, 4), "int32")])
    return proofs.random_weights(made)


SOURCES = np.array([[3, 4, 5, 6, 0], [7, 3, 0, 0, 0], [4, 4, 4, 4, 4]])


def check_model(module=self_attention):
    own = {"dtype": proofs.DTYPE}
    encoder = module.SelfAttentionEncoder(9, K, 2, **own)
    decoder = module.SelfAttentionDecoder(9, K, 2, **own)
    made = module.SelfAttentionModel(8, 7, 6, encoder, decoder, **own)
    y = np.array([[1, 3, 4, 2], [1, 6, 5, 5], [1, 2, 0, 0]])
    made([SOURCES, y])
    proofs.random_weights(made)
    logits = ops.convert_to_numpy(made([SOURCES, y]))
    (E_x,), (E_y,) = weights_of(made.of_source), weights_of(made.of_target)
    V, c = weights_of(made.V)
    for i, ids in enumerate(SOURCES):
        _, s = coded(encoder, decoder, E_x[ids], E_y[y[i]], ids > 0)
        proofs.assert_same(logits[i], s @ V + c, 10 * proofs.TOLERANCE)


def test_the_model_is_its_equations_in_numpy():
    check_model()


def test_what_greedy_writes_is_what_the_network_finds_most_probable():
    made = model(blocks=2)
    said = Greedy(made, 8).predict(SOURCES, verbose=0)
    y = np.concatenate([np.ones((3, 1), "int32"), said], axis=1)
    logits = ops.convert_to_numpy(made([SOURCES, y[:, :-1]]))
    best = logits[..., END:].argmax(axis=-1) + END
    real = said > 0
    assert real.any(axis=1).all() and (best[real] == said[real]).all()


def test_beam_search_of_width_one_is_greedy():
    made = model()
    said, log_p = BeamSearch(made, 8, 1).predict(SOURCES, verbose=0)
    np.testing.assert_array_equal(said, Greedy(made, 8).predict(SOURCES, verbose=0))
    assert (log_p < 0).all()


def test_filling_of_the_source_changes_nothing():
    made = model(blocks=2)
    y = np.ones((3, 4), "int32")
    filled = np.pad(SOURCES, ((0, 0), (0, 3)))
    proofs.assert_same(made([filled, y]), made([SOURCES, y]), 1e-5)


def test_without_positions_the_order_of_the_source_is_lost():
    y = np.ones((3, 4), "int32")
    for positions in (False, True):
        made = model(positions=positions)
        one, two = (
            ops.convert_to_numpy(made([x, y])) for x in (SOURCES, SOURCES[:, ::-1])
        )
        assert (np.abs(one[:2] - two[:2]).max() < 1e-4) != positions


def test_masks_come_along_from_embeddings():
    ids = np.array([[1, 2, 3, 0], [4, 1, 0, 0], [2, 2, 2, 2]])
    embed = keras.layers.Embedding(5, D, mask_zero=True)
    x, mask = embed(ids), ids > 0
    layer = self_attention.SelfAttention(K)
    c, alpha = layer(x)
    assert not numpy_of([alpha])[0].transpose(0, 2, 1)[~mask].any()
    np.testing.assert_array_equal(numpy_of([c._keras_mask])[0], mask)
    other = embed(np.array([[1, 0, 0], [2, 3, 4], [1, 1, 0]]))
    _, alpha = numpy_of(self_attention.SelfAttention(K)(x, other))
    assert not alpha[0, :, 1:].any() and (alpha[1] > 0).all()
    _, alpha = numpy_of(self_attention.SelfAttentionDecoder(6, K)(x, other))
    assert not alpha[0, :, 1:].any() and (alpha[1] > 0).all()


# --- the contract with Keras --------------------------------------------------------


@keras.saving.register_keras_serializable("tests")
class First(keras.layers.Layer):
    """The first output of a layer, which may be given its input twice."""

    def __init__(self, layer, twice=False, **kwargs):
        super().__init__(**kwargs)
        self.layer, self.twice = layer, twice

    def build(self, shape):
        if not self.layer.built:
            self.layer.build(*[shape] * (1 + self.twice))

    def call(self, x):
        found = self.layer(*[x] * (1 + self.twice))
        return found[0] if isinstance(found, (list, tuple)) else found

    def get_config(self):
        part = keras.saving.serialize_keras_object(self.layer)
        return {**super().get_config(), "layer": part, "twice": self.twice}

    @classmethod
    def from_config(cls, config):
        config["layer"] = keras.saving.deserialize_keras_object(config["layer"])
        return cls(**config)


LAYERS = {
    "attention": lambda: First(self_attention.SelfAttention(5, 6)),
    "causal": lambda: First(self_attention.SelfAttention(5, causal=True)),
    "over": lambda: First(self_attention.SelfAttention(5), True),
    "positions": lambda: self_attention.PositionEmbedding(8),
    "encoder": lambda: self_attention.SelfAttentionEncoder(8, 5),
    # on PyTorch Keras asks `First` for its shape with made-up lengths below 100
    "decoder": lambda: First(self_attention.SelfAttentionDecoder(100, 5), True),
}


@pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS)
def test_keras_contract(make, keras_contract):
    keras_contract(make)


def test_shapes_are_known_where_the_length_is_not():
    y, h = keras.Input((None, 4)), keras.Input((None, 6))
    for layer in (
        self_attention.PositionEmbedding(8),
        self_attention.SelfAttentionEncoder(8, 5),
    ):
        assert layer(y).shape == (None, None, 4)
    s, alpha = self_attention.SelfAttentionDecoder(8, 5)(y, h)
    assert s.shape == (None, None, 4) and alpha.shape == (None, None, None)


def test_config_keeps_every_argument():
    for layer in (
        self_attention.SelfAttention(3, 4, True, name="a"),
        self_attention.PositionEmbedding(7, name="b"),
        self_attention.AttentionBlock(3, True, name="c"),
        self_attention.SelfAttentionEncoder(9, 3, 2, False, name="d"),
        self_attention.SelfAttentionDecoder(9, 3, 2, False, name="e"),
    ):
        config = layer.get_config()
        assert type(layer).from_config(config).get_config() == config
    assert self_attention.SelfAttention(3, 4, True).get_config()["causal"] is True


def test_a_saved_model_is_the_same_model(tmp_path):
    made = model(blocks=2, positions=False)
    made.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    y = np.ones((3, 4), "int32")
    proofs.assert_same(again([SOURCES, y]), made([SOURCES, y]), 2e-6)


# --- what does not fit is refused ----------------------------------------------------


def test_two_sizes_without_maps_are_refused():
    with pytest.raises(ValueError, match=r"one size .*\(3, 8, 4\) and \(3, 9, 6\)"):
        self_attention.SelfAttention()(random(3, 8, 4), random(3, 9, 6))


def test_what_is_no_sequence_is_refused():
    with pytest.raises(ValueError, match=r"\(batch, time, size\).*got \(3, 4\)"):
        self_attention.SelfAttention(K)(random(3, 4))


def test_a_causal_layer_refuses_another_sequence():
    with pytest.raises(ValueError, match="causal is for x alone, but z was given"):
        self_attention.SelfAttention(K, causal=True)(random(3, 8, 4), random(3, 8, 4))


def test_a_sequence_with_more_steps_than_positions_is_refused():
    layer = self_attention.SelfAttentionEncoder(5, K)
    with pytest.raises(ValueError, match="x has 6 steps, at most 5 fit"):
        layer(random(2, 6, D))


# --- mutants ------------------------------------------------------------------------

# Each breaks one part: the piece of its source, and what stands there instead.
OF_ATTENTION = {
    "filling counts": ("ops.where(visible, e, -1e9)", "e"),
    "filling keeps its weight": ("* ops.cast(visible, e.dtype)", "+ 1e-6"),
    "softmax over the queries": (
        "ops.softmax(ops.where(visible, e, -1e9))",
        "ops.softmax(ops.where(visible, e, -1e9), axis=1)",
    ),
    "not scaled": ("/ q.shape[-1] ** 0.5", "/ 1.0"),
    "scaled by the input": ("/ q.shape[-1] ** 0.5", "/ x.shape[-1] ** 0.5"),
    "queries and keys exchanged": (
        "ops.matmul(x, self.W_q)",
        "ops.matmul(x, self.W_k)",
    ),
    "the future counts": ("step[None, :] <= step[:, None]", "step[None, :] > -1"),
    "the own step does not": (
        "step[None, :] <= step[:, None]",
        "step[None, :] < step[:, None]",
    ),
    "the past is hidden": (
        "step[None, :] <= step[:, None]",
        "step[None, :] >= step[:, None]",
    ),
    "causal forgets the filling": ("visible & past", "past[None]"),
    "the mask of x for z": ("mask if z is None else z_mask", "mask"),
    "values are not mapped": ("ops.matmul(z, self.W_v)", "z"),
    "keys in another order": (
        "ops.matmul(z, self.W_k)",
        "ops.matmul(ops.flip(z, axis=1), self.W_k)",
    ),
}
OF_CODERS = {
    "nothing is added to": ("return x + self.W_2", "return self.W_2"),
    "c before u": ("concatenate([u, c]", "concatenate([c, u]"),
    "no norm": ("u = self.norm(x)\n        c, alpha", "u = x\n        c, alpha"),
    "positions are one too far": (
        "x + self.at(ops.arange(ops.shape(x)[1]))",
        "x + self.at(ops.arange(ops.shape(x)[1]) + 1)",
    ),
    "the source's mask is lost": ("z_mask=h_mask)", "z_mask=None)"),
    "the reader's mask is lost": ("look(x, mask=mask)", "look(x)"),
    "looks at itself twice": ("over(y, h, z_mask", "over(y, 0 * h, z_mask"),
    "the decoder is not causal": (
        "AttentionBlock(units, True",
        "AttentionBlock(units, False",
    ),
}
OF_MODELS = {
    "the source's filling is read": ("ops.not_equal(x, 0)", "ops.not_equal(x, -1)"),
    "h is not read": ("h, h_mask=mask)", "0 * h, h_mask=mask)"),
    "y is not read": ("(self.of_target(y), h,", "(0 * self.of_target(y), h,"),
}
OF_STEPS = {
    "writes in the first place": (
        "here, past, new = i == t",
        "here, past, new = i == 0 * t",
    ),
    "sees what is not written": ("i <= t[:, None]", "i > -1 - t[:, None]"),
    "does not see itself": ("i <= t[:, None]", "i < t[:, None]"),
    "the clock stands": ("[t + 1]", "[t]"),
    "keys without a norm": (
        "keys_values(back.norm(y)[:, None])",
        "keys_values(y[:, None])",
    ),
    "positions are late": ("self.place.at(t)", "self.place.at(t + 1)"),
    "the other block's keys": ("kept[2 * n : 2 * n + 2]", "kept[:2]"),
    "the mask is lost": ("*there[n], mask)", "*there[n], None)"),
}


def all_cases(module):
    for case in CASES.values():
        check_layer(case, module)


@pytest.mark.parametrize("change", OF_ATTENTION.values(), ids=OF_ATTENTION)
def test_the_comparison_notices_a_broken_layer(change):
    broken = proofs.mutant(self_attention, *change)
    with pytest.raises(AssertionError):
        all_cases(broken)


@pytest.mark.parametrize("change", OF_CODERS.values(), ids=OF_CODERS)
def test_the_comparison_notices_a_broken_network(change):
    broken = proofs.mutant(self_attention, *change)
    with pytest.raises(AssertionError):
        check_coders(broken)


@pytest.mark.parametrize("change", OF_MODELS.values(), ids=OF_MODELS)
def test_the_comparison_notices_a_broken_model(change):
    with pytest.raises(AssertionError):
        check_model(proofs.mutant(self_attention, *change))


@pytest.mark.parametrize("change", OF_STEPS.values(), ids=OF_STEPS)
def test_the_comparison_notices_a_broken_step(change):
    broken = proofs.mutant(self_attention, *change)
    with pytest.raises(AssertionError):
        check_steps(True, broken)
