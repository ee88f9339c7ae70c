"""Chapter 4.5.3's layers are their equations, and these tests would notice if not."""

import math

import keras
import numpy as np
import pytest
import references
from keras import ops

from utils import gradients, proofs
from utils.layers import hierarchical_attention as hierarchical
from utils.layers.bidirectional import BidirectionalRNN
from utils.layers.recurrent import SimpleCell

OWN = {"dtype": proofs.DTYPE}
WORDS, WIDTH, CLASSES, N, K = 11, 4, 3, 5, 6
ENCODERS = {
    "Keras's": lambda: keras.layers.Bidirectional(
        keras.layers.SimpleRNN(N, return_sequences=True, **OWN), **OWN
    ),
    "ours": lambda: BidirectionalRNN(SimpleCell(N, **OWN), **OWN),
}
each_encoder = pytest.mark.parametrize("encoder", ENCODERS.values(), ids=ENCODERS)


def documents():
    """Three documents: a full one, one with filling, one with an empty sentence."""
    ids = np.random.default_rng(0).integers(1, WORDS, (3, 4, 7))
    ids[1, 0, 3:], ids[1, 1, 1:], ids[1, 2:] = 0, 0, 0
    ids[2, 1], ids[2, 3, 5:] = 0, 0
    return ids


def pool(h, real, W, b, u):
    """s and α of one sequence, number by number, from the equations alone."""
    scores = []
    for t in range(len(h)):
        fit = [
            math.tanh(b[k] + sum(W[j][k] * h[t][j] for j in range(len(W))))
            for k in range(len(u))
        ]
        scores.append(sum(f * each for f, each in zip(fit, u, strict=True)))
    shares = [
        math.exp(e) if here else 0.0 for e, here in zip(scores, real, strict=True)
    ]
    total = sum(shares)
    alpha = [share / total if total else 0.0 for share in shares]
    s = [sum(alpha[t] * h[t][j] for t in range(len(h))) for j in range(len(W))]
    return np.array(s), np.array(alpha)


def read(model, document):
    """Logits, α of the sentences, α of the words, of one document."""
    (E,) = model.embedding.get_weights()
    of_words, of_sentences = (
        layer.get_weights() for layer in (model.word_encoder, model.sentence_encoder)
    )
    vectors, shares = [], np.zeros(document.shape)
    for i, sentence in enumerate(document):
        place = np.flatnonzero(sentence)
        if len(place):
            h = references.both_ways(E[sentence[place]], of_words[:3], of_words[3:])
            own = model.word_attention.get_weights()
            s, shares[i, place] = pool(h, [True] * len(h), *own)
            vectors.append((i, s))
    h = references.both_ways(
        np.stack([s for _, s in vectors]), of_sentences[:3], of_sentences[3:]
    )
    v, alpha = pool(h, [True] * len(h), *model.sentence_attention.get_weights())
    of_document = np.zeros(len(document))
    of_document[[i for i, _ in vectors]] = alpha
    V, c = model.V.get_weights()
    return v @ V + c, of_document, shares


def network(encoder, module=hierarchical, dropout=0.0, **own):
    own = own or OWN
    parts = [encoder(), module.AttentionPooling(K, **own)]
    parts += [encoder(), module.AttentionPooling(K, **own)]
    return module.HierarchicalAttentionNetwork(
        WORDS, WIDTH, CLASSES, *parts, dropout=dropout, **own
    )


def ready(encoder, module=hierarchical, **own):
    model = network(encoder, module, **own)
    model(documents())
    return proofs.random_weights(model)


def numpy_of(tensors):
    return [ops.convert_to_numpy(tensor) for tensor in tensors]


def check_pooling(module=hierarchical):
    layer = module.AttentionPooling(K, **OWN)
    h = proofs.random_input()
    layer(h)
    proofs.random_weights(layer)
    own = [np.asarray(w, "float64") for w in layer.get_weights()]
    for mask in (np.ones(h.shape[:2], bool), proofs.mask_with_holes()):
        s, alpha = numpy_of(layer(h, mask=mask))
        for i in range(len(h)):
            proofs.assert_same([s[i], alpha[i]], list(pool(h[i], mask[i], *own)))


def check_network(encoder, module=hierarchical):
    model = ready(encoder, module)
    found = numpy_of(model(documents(), attention=True))
    proofs.assert_same(model(documents()), found[0], 1e-30)
    for i, document in enumerate(documents()):
        proofs.assert_same([each[i] for each in found], list(read(model, document)))


# --- pooling ------------------------------------------------------------------------


def test_pooling_is_its_equations_number_by_number():
    check_pooling()


def test_a_case_by_hand():
    layer = hierarchical.AttentionPooling(1, **OWN)
    h = np.array([[[0.0], [1.0], [5.0]]], proofs.DTYPE)
    mask = np.array([[True, True, False]])
    layer(h)
    scale = np.log(3) / np.tanh(1)  # so that the second weighs three times the first
    layer.set_weights([np.ones((1, 1)), np.zeros(1), np.full(1, scale)])
    s, alpha = numpy_of(layer(h, mask=mask))
    proofs.assert_same([s, alpha], [np.array([[0.75]]), np.array([[0.25, 0.75, 0]])])


def test_without_a_question_it_is_the_mean():
    h, mask = proofs.random_input(), proofs.mask_with_holes()
    layer = hierarchical.AttentionPooling(K, **OWN)
    layer(h)
    proofs.random_weights(layer)
    layer.u.assign(np.zeros(K))
    masked = keras.layers.GlobalAveragePooling1D(**OWN)(h, mask=mask)
    proofs.assert_same(layer(h, mask=mask)[0], masked)


def test_a_row_of_filling_gets_zeros_and_no_nan_also_in_its_gradient():
    h, mask = proofs.random_input(), proofs.mask_with_holes()
    mask[1] = False
    layer = hierarchical.AttentionPooling(K, **OWN)
    s, alpha = numpy_of(layer(h, mask=mask))
    assert not s[1].any() and not alpha[1].any() and s[0].any()
    slope = gradients.gradient(lambda h: ops.sum(layer(h, mask=mask)[0] ** 2), h)
    assert np.isfinite(slope).all() and not slope[1].any() and slope[0].any()


def test_its_gradient_is_that_of_differences():
    h, mask = proofs.random_input(), proofs.mask_with_holes()
    layer = hierarchical.AttentionPooling(K, **OWN)
    layer(h)
    proofs.random_weights(layer)
    own = [np.asarray(w, "float64") for w in layer.get_weights()]
    v = np.random.default_rng(5).normal(size=(3, 4))
    slope = gradients.gradient(
        lambda h: ops.sum(ops.cast(v, proofs.DTYPE) * layer(h, mask=mask)[0]), h
    )

    def loss(h):
        return sum(v[i] @ pool(h[i], mask[i], *own)[0] for i in range(3))

    for place in np.ndindex(*h.shape):
        nudge = np.zeros(h.shape)
        nudge[place] = 1e-5
        wanted = (loss(h + nudge) - loss(h - nudge)) / 2e-5
        assert slope[place] == pytest.approx(wanted, abs=1e-5)


def test_half_precision_has_no_nan():
    layer = hierarchical.AttentionPooling(K, dtype="mixed_float16")
    h, mask = 30 * proofs.random_input().astype("float16"), proofs.mask_with_holes()
    mask[1] = False
    for found in numpy_of(layer(h, mask=mask)):
        assert np.isfinite(found).all()


class Alone(keras.layers.Layer):
    """Only s of a pooling layer."""

    def __init__(self, layer, **kwargs):
        super().__init__(**kwargs)
        self.layer = layer

    def build(self, shape):
        if not self.layer.built:
            self.layer.build(shape)

    def call(self, h):
        return self.layer(h)[0]

    def get_config(self):
        own = {"layer": keras.saving.serialize_keras_object(self.layer)}
        return {**super().get_config(), **own}

    @classmethod
    def from_config(cls, config):
        layer = keras.saving.deserialize_keras_object(config.pop("layer"))
        return cls(layer, **config)


keras.saving.register_keras_serializable("pooled")(Alone)


def test_keras_contract(keras_contract):
    keras_contract(lambda: Alone(hierarchical.AttentionPooling(K)))


def test_pooling_takes_a_mask_and_ends_it():
    layer = hierarchical.AttentionPooling(K)
    assert layer.supports_masking
    assert layer.compute_mask(None, np.ones((2, 3), bool)) == (None, None)
    x = keras.Input((None,), dtype="int32")
    s, _ = layer(keras.layers.Embedding(5, 3, mask_zero=True)(x))
    model = keras.Model(x, s)
    ids = np.array([[1, 2, 4]])
    proofs.assert_same(model(np.pad(ids, ((0, 0), (0, 3)))), model(ids), 2e-6)


@pytest.mark.parametrize("shape", [(2, 3), (2, 0, 3), (2, 3, 4, 5)])
def test_pooling_wants_sequences_with_a_step(shape):
    with pytest.raises(ValueError, match=r"h must be \(batch, time, m\)"):
        hierarchical.AttentionPooling(K)(np.zeros(shape, "float32"))


# --- the network --------------------------------------------------------------------


@each_encoder
def test_the_network_is_its_equations_number_by_number(encoder):
    check_network(encoder)


@each_encoder
def test_filling_at_either_level_changes_nothing(encoder):
    model, ids = ready(encoder), documents()
    o, alpha, of_words = numpy_of(model(ids, attention=True))
    fillings = {
        "words": np.pad(ids, ((0, 0), (0, 0), (0, 4))),
        "sentences": np.pad(ids, ((0, 0), (0, 3), (0, 0))),
        "both": np.pad(ids, ((0, 0), (0, 2), (0, 1))),
        "between": np.insert(ids, 2, 0, axis=1),
        "before": np.pad(ids, ((0, 0), (1, 0), (0, 0))),
    }
    for name, filled in fillings.items():
        more = numpy_of(model(filled, attention=True))
        assert np.abs(more[0] - o).max() < 1e-6, name
        assert not more[2][filled == 0].any(), name
        assert not more[1][~filled.any(axis=-1)].any(), name
        np.testing.assert_allclose(more[1].sum(axis=1), 1, rtol=1e-6)
    cut = numpy_of(model(ids[1:2, :2, :3], attention=True))
    proofs.assert_same([o[1:2], alpha[1:2, :2]], cut[:2], 1e-6)
    assert np.isfinite(of_words).all()


class KeepsItsMask(keras.layers.Layer):
    """An encoder of one's own that takes a mask and, unlike Keras's, passes none on."""

    def call(self, x, mask=None):
        return 1 * x


def test_filling_has_no_weight_whatever_the_encoders_do_with_the_mask():
    ids = documents()
    _, alpha, of_words = numpy_of(ready(KeepsItsMask)(ids, attention=True))
    assert not of_words[ids == 0].any() and (of_words[ids > 0] > 0).all()
    np.testing.assert_array_equal(alpha > 0, ids.any(axis=-1))


@each_encoder
def test_gradients_are_finite_with_sentences_of_filling(encoder):
    model, ids = ready(encoder), documents()
    E = model.embedding.get_weights()[0]

    def loss(E):
        real = ops.not_equal(ids, 0)
        x = ops.reshape(ops.take(E, ids, axis=0), (12, 7, WIDTH))
        h = model.word_encoder(x, mask=ops.reshape(real, (12, 7)))
        s, _ = model.word_attention(h, mask=ops.reshape(real, (12, 7)))
        s = ops.reshape(s, (3, 4, 2 * N))
        h = model.sentence_encoder(s, mask=ops.any(real, axis=-1))
        return ops.sum(model.sentence_attention(h, mask=ops.any(real, axis=-1))[0] ** 2)

    slope = gradients.gradient(loss, E)
    assert np.isfinite(slope).all() and not slope[0].any() and slope[1:].any()


@each_encoder
def test_a_document_of_one_sentence_has_only_the_word_level(encoder):
    model = ready(encoder)
    ids = np.where(np.arange(4)[:, None] == 0, documents(), 0)
    _, alpha, of_words = numpy_of(model(ids, attention=True))
    proofs.assert_same(alpha, np.eye(4)[[0, 0, 0]])
    before = of_words[:, 0]
    model.sentence_attention.u.assign(np.full(K, 7.0))
    proofs.assert_same(model(ids, attention=True)[2][:, 0], before)


def test_the_sentences_of_a_document_do_not_touch_those_of_another():
    model, ids = ready(ENCODERS["ours"]), documents()
    alone = [numpy_of(model(ids[i : i + 1], attention=True)) for i in range(3)]
    together = numpy_of(model(ids, attention=True))
    for k in range(3):
        joined = np.concatenate([found[k] for found in alone])
        proofs.assert_same(joined, together[k])


EMPTY = np.zeros((2, 3, 4), "int32")
EMPTY[0, 1, 2] = 1


def test_an_empty_document_is_refused_by_name():
    model = ready(ENCODERS["ours"])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    for ask in (
        model,
        lambda x: model.predict(x, verbose=0),
        lambda x: model.fit(x, np.zeros(2), verbose=0),
        lambda x: model.evaluate(x, np.zeros(2), verbose=0),
    ):
        with pytest.raises(ValueError, match="Document 1 of 2 is empty"):
            ask(EMPTY)
    assert hierarchical.refuse_empty(documents()) is not None


@pytest.mark.parametrize("shape", [(3,), (3, 4), (3, 2, 4, 1)])
def test_documents_of_a_wrong_rank_are_one_clear_error(shape):
    model = network(ENCODERS["ours"])
    wanted = r"ids must be \(batch, sentences, words\), got"
    with pytest.raises(ValueError, match=wanted):
        model(np.ones(shape, "int32"))


def test_what_is_no_array_of_ids_is_left_to_keras():
    inputs = keras.Input((None, None), dtype="int32")
    for thing in (None, "x", [[1]], inputs):
        assert hierarchical.refuse_empty(thing) is thing


def test_any_number_of_documents_sentences_and_words_goes_through_one_graph():
    model = ready(ENCODERS["Keras's"])
    ids = keras.Input((None, None), dtype="int32")
    whole = keras.Model(ids, model(ids))
    assert whole.output_shape[-1] == CLASSES
    for shape in ((1, 2, 3), (2, 5, 4)):
        few = np.random.default_rng(1).integers(1, WORDS, shape)
        proofs.assert_same(whole(few), model(few), 2e-6)


def test_dropout_is_for_training_only():
    model = network(ENCODERS["ours"], dropout=0.5)
    proofs.assert_same(model(documents()), model(documents()), 1e-30)
    one, other = (numpy_of([model(documents(), training=True)])[0] for _ in range(2))
    assert np.abs(one - other).max() > 1e-6


def test_word_vectors_sentence_vectors_and_the_document_are_dropped(monkeypatch):
    model, dropped = network(ENCODERS["ours"], dropout=0.5), []
    drop = keras.layers.Dropout.call

    def call(layer, x, training=False):
        dropped.append((tuple(x.shape), training))
        return drop(layer, x, training=training)

    monkeypatch.setattr(keras.layers.Dropout, "call", call)
    ids = documents()
    n, sentences, words = ids.shape
    model(ids)  # makes the weights
    dropped.clear()
    model(ids, training=True)
    size = model.V.kernel.shape[0]
    shapes = [(n * sentences, words, WIDTH), (n, sentences, size), (n, size)]
    assert dropped == [(shape, True) for shape in shapes]


@pytest.mark.parametrize("jit", [False, True])
def test_a_network_trains_and_reloads(tmp_path, jit):
    if jit and keras.backend.backend() == "torch":
        pytest.skip("torch.compile needs a C++ compiler at run time")
    if not jit and keras.backend.backend() == "jax":
        pytest.skip("JAX without its compiler takes minutes")
    keras.utils.set_random_seed(0)

    def encoder():
        gru = keras.layers.GRU(N, return_sequences=True)
        return keras.layers.Bidirectional(gru)

    model = network(encoder, dropout=0.1, dtype="float32")
    rng = np.random.default_rng(0)
    ids = rng.integers(2, WORDS, (96, 3, 4))
    ids[::2, 1, 2], ids[:, 2, 3] = 1, 0  # a word that decides
    y = (ids == 1).any(axis=(1, 2)).astype("int32")
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.03), loss, jit_compile=jit)
    found = model.fit(ids, y, epochs=30, verbose=0).history["loss"]
    assert found[-1] < 0.2 * found[0]
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    proofs.assert_same(again(ids), model(ids), 2e-6)
    assert again.word_attention.units == again.sentence_attention.units == K
    assert again.drop.rate == 0.1 and again.sizes["classes"] == CLASSES


# --- mutants ------------------------------------------------------------------------

OF_POOLING = {
    "no tanh": ("ops.tanh(ops.matmul(h, self.W) + self.b)", "ops.matmul(h, self.W)"),
    "no bias": ("ops.matmul(h, self.W) + self.b", "ops.matmul(h, self.W)"),
    "the mask is lost": ("attend(e, h, mask)", "attend(e, h)"),
    "permuted units": ("ops.matmul(u, self.u", "ops.matmul(ops.flip(u, -1), self.u"),
    "the question changes sign": ("attend(e, h", "attend(-e, h"),
    "the mean of u instead of h": ("attend(e, h, mask)", "attend(e, u, mask)"),
}
# Handing an attention *no* mask is no mistake: Keras then takes that of the encoder.
OF_NETWORKS = {
    "words: filling is read": (
        "self.word_encoder(x, mask=ops.reshape(real, rows))",
        "self.word_encoder(x)",
    ),
    "words: filling has weight": (
        "self.word_attention(h, mask=ops.reshape(real, rows))",
        "self.word_attention(h, mask=ops.ones_like(ops.reshape(real, rows)))",
    ),
    "sentences: filling is read": (
        "self.sentence_encoder(s, mask=ops.any(real, axis=-1))",
        "self.sentence_encoder(s)",
    ),
    "sentences: filling has weight": (
        "self.sentence_attention(h, mask=ops.any(real, axis=-1))",
        "self.sentence_attention(h, mask=ops.any(ops.ones_like(real), axis=-1))",
    ),
    "a sentence is real if all its words are": (
        "s, mask=ops.any(real",
        "s, mask=ops.all(real",
    ),
    "a sentence is real if its first word is not 1": (
        "h, mask=ops.any(real, axis=-1)",
        "h, mask=ops.not_equal(ids[..., 0], 1)",
    ),
    "sentences folded across documents": (
        "ops.reshape(s, (batch, sentences, s.shape[-1]))",
        "ops.transpose(ops.reshape(s, (sentences, batch, s.shape[-1])), (1, 0, 2))",
    ),
    "no sentence encoder": ("v, alpha_s = self.sentence_attention(h", None),
}


@pytest.mark.parametrize("change", OF_POOLING.values(), ids=OF_POOLING)
def test_the_comparison_notices_a_broken_pooling(change):
    broken = proofs.mutant(hierarchical, *change)
    with pytest.raises(AssertionError):
        check_pooling(broken)


@pytest.mark.parametrize("change", OF_NETWORKS.values(), ids=OF_NETWORKS)
def test_the_comparison_notices_a_broken_network(change):
    old, new = change
    new = new or "v, alpha_s = self.sentence_attention(s"
    broken = proofs.mutant(hierarchical, old, new)
    with pytest.raises(AssertionError):
        check_network(ENCODERS["Keras's"], broken)
