"""Chapter 4.4's layers are their equations, and decoding finds what it is to find."""

import keras
import numpy as np
import pytest
import references
from keras import ops

from utils import gradients, proofs
from utils.layers import encoder_decoder

START, END = 1, 2
# Elsewhere than on TensorFlow every search is compiled when it is called: one will do.
SEEDS = range(3 if proofs.ON_TENSORFLOW else 1)
CELLS = {
    "SimpleRNN": lambda n: keras.layers.SimpleRNNCell(n),
    "GRU": lambda n: keras.layers.GRUCell(n, reset_after=False),
    "GRU after": lambda n: keras.layers.GRUCell(n),
    "LSTM": lambda n: keras.layers.LSTMCell(n),
}
KINDS = pytest.mark.parametrize("kind", CELLS)
WAYS = pytest.mark.parametrize("context", ["every_step", "initial_state", "both"])
BOTH_HOWS = pytest.mark.parametrize("how", ["queries", "last"])


ON_TENSORFLOW = pytest.mark.skipif(
    not proofs.ON_TENSORFLOW, reason="is about the comparison, not about the backend"
)


@pytest.fixture(autouse=True)
def precision(request):
    """Every layer computes in the dtype of the proofs, those inside of others too."""
    before = keras.config.dtype_policy()
    single = "contract" in request.node.name or "learns" in request.node.name
    keras.config.set_dtype_policy("float32" if single else proofs.DTYPE)
    keras.utils.set_random_seed(0)
    yield
    keras.config.set_dtype_policy(before)


def array(x):
    return ops.convert_to_numpy(x)


def close(ours, theirs):
    """In float32, sums over several steps need more room than one layer's proof."""
    tolerance = proofs.TOLERANCE if proofs.ON_TENSORFLOW else 2e-5
    proofs.assert_same(ours, np.asarray(theirs), tolerance)


def values(weights):
    return [np.asarray(array(w), "float64") for w in weights]


def own(layer, *parts):
    """The weights of a layer that none of its parts has."""
    theirs = {id(weight) for part in parts for weight in part.weights}
    return values(w for w in layer.weights if id(w) not in theirs)


def projection_of(layer, part):
    """(P, b), or None where there is none."""
    left = own(layer, part)
    assert len(left) in (0, 2)
    return tuple(sorted(left, key=lambda w: -w.ndim)) or None


def recurrent_layer(kind, n=5, both_ways=False):
    options = {"return_sequences": True, "return_state": True}
    if kind == "RNN(GRUCell)":
        layer = keras.layers.RNN(CELLS["GRU"](n), **options)
    elif kind == "LSTM":
        layer = keras.layers.LSTM(n, **options)
    else:
        layer = keras.layers.GRU(n, reset_after=kind == "GRU after", **options)
    return keras.layers.Bidirectional(layer) if both_ways else layer


def directions_of(layer):
    if isinstance(layer, keras.layers.Bidirectional):
        return [values(d.weights) for d in (layer.forward_layer, layer.backward_layer)]
    return [values(layer.weights)]


def normal(*shape, seed=4):
    return np.random.default_rng(seed).normal(size=shape).astype(proofs.DTYPE)


# --- the encoder ------------------------------------------------------------------


def check_encoder(kind, both_ways, size, module=encoder_decoder):
    x = proofs.random_input()
    recurrent = recurrent_layer(kind, both_ways=both_ways)
    layer = module.Encoder(recurrent, size=size)
    layer(x)
    proofs.random_weights(layer)
    projection = projection_of(layer, recurrent)
    assert (projection is None) == (size is None)
    kind = "GRU" if kind == "RNN(GRUCell)" else kind
    weights = directions_of(recurrent), projection
    for mask in (None, proofs.mask_with_holes()):
        H, C = map(array, layer(x, mask=mask))
        n = 10 if both_ways else 5
        assert H.shape == (3, 8, n) and C.shape == (3, size or n)
        for i in range(3):
            real = np.ones(8, bool) if mask is None else mask[i]
            right_H, right_C = references.encoder(kind, x[i, real], *weights)
            close(H[i, real], right_H)
            close(C[i], right_C)


@pytest.mark.parametrize("size", [None, 7])
@pytest.mark.parametrize("both_ways", [False, True], ids=["forward", "both ways"])
@pytest.mark.parametrize("kind", ["GRU", "GRU after", "LSTM", "RNN(GRUCell)"])
def test_the_encoder_is_its_equations_with_a_mask_with_holes(kind, both_ways, size):
    check_encoder(kind, both_ways, size)


@pytest.mark.parametrize("both_ways", [False, True], ids=["forward", "both ways"])
@pytest.mark.parametrize("kind", ["GRU", "LSTM"])
def test_filling_changes_nothing_in_the_encoder(kind, both_ways):
    x, mask = proofs.random_input(), np.ones((3, 8), bool)
    mask[:, 5:] = False
    layer = encoder_decoder.Encoder(recurrent_layer(kind, both_ways=both_ways))
    right_H, right_C = layer(x[:, :5])
    for filling in (0, 7, 1e30):
        x[:, 5:] = filling
        H, C = layer(x, mask=mask)
        close(H[:, :5], array(right_H))
        close(C, array(right_C))


# --- C as several vectors ---------------------------------------------------------


def check_context_sequence(how, k, module=encoder_decoder):
    H = proofs.random_input(features=5)
    layer = module.ContextSequence(k, how=how)
    layer(H)
    if how == "queries":
        proofs.random_weights(layer)
        ((Q),) = values(layer.weights)
        assert Q.shape == (k, 5)
    else:
        assert not layer.weights
    for mask in (None, proofs.mask_with_holes()):
        C = array(layer(H, mask=mask))
        assert C.shape == (3, k, 5)
        for i in range(3):
            real = H[i] if mask is None else H[i, mask[i]]
            last = references.last_states(real, k)
            right = references.learned_queries(real, Q) if how == "queries" else last
            close(C[i], right)


@BOTH_HOWS
@pytest.mark.parametrize("k", [1, 3, 6, 11])
def test_a_context_sequence_is_its_equation(how, k):
    """The row with holes has 4 real steps, the longest 8."""
    check_context_sequence(how, k)


@BOTH_HOWS
def test_filling_changes_no_context_sequence(how):
    H, mask = proofs.random_input(features=5), np.ones((3, 8), bool)
    mask[:, 5:] = False
    layer = encoder_decoder.ContextSequence(3, how=how)
    right = array(layer(H[:, :5]))
    for filling in (0, 7, 1e30):
        H[:, 5:] = filling
        close(layer(H, mask=mask), right)


@BOTH_HOWS
def test_a_wholly_masked_row_gives_no_nan(how):
    H, mask = proofs.random_input(features=5), np.ones((3, 8), bool)
    mask[1] = False
    C = array(encoder_decoder.ContextSequence(2, how=how)(H, mask=mask))
    assert np.isfinite(C).all()


def test_one_vector_that_looks_at_the_last_step_is_the_vector_C():
    """k = 1 by the last state: no more than the C of a plain encoder."""
    x, mask = proofs.random_input(), proofs.mask_with_holes()
    H, C = encoder_decoder.Encoder(recurrent_layer("GRU"))(x, mask=mask)
    sequence = encoder_decoder.ContextSequence(1, how="last")(H, mask=mask)
    close(array(sequence)[:, 0], array(C))


# --- the decoder ------------------------------------------------------------------


def a_decoder(kind, context, m=5, module=encoder_decoder):
    """A decoder with random weights, y and C; y's features, C and s differ in size."""
    y, C = proofs.random_input(features=3), normal(3, m)
    cell = CELLS[kind](6)
    layer = module.Decoder(cell, context=context)
    layer(y, C)
    proofs.random_weights(layer)
    return layer, cell, y, C


def check_decoder(kind, context, module=encoder_decoder):
    layer, cell, y, C = a_decoder(kind, context, module=module)
    weights = values(cell.weights)
    projection = projection_of(layer, cell)
    assert (projection is None) == (context == "every_step")
    for mask in (None, proofs.mask_with_holes()):
        S = array(layer(y, C, mask=mask))
        assert S.shape == (3, 8, 6)
        for i in range(3):
            real = np.ones(8, bool) if mask is None else mask[i]
            right = references.decoder(
                kind, y[i, real], C[i].astype("float64"), weights, context, projection
            )
            close(S[i, real], right)


@KINDS
@WAYS
def test_the_decoder_is_its_equations_with_a_mask_with_holes(kind, context):
    check_decoder(kind, context)


@KINDS
@WAYS
def test_step_after_step_is_the_same_as_the_call(kind, context):
    layer, cell, y, C = a_decoder(kind, context)
    states = layer.start(C)
    assert isinstance(states, list) and len(states) == (2 if kind == "LSTM" else 1)
    right = [
        references.first_states(
            kind, c, values(cell.weights), context, projection_of(layer, cell)
        )
        for c in C.astype("float64")
    ]
    for state, its in zip(states, zip(*right, strict=True), strict=True):
        close(state, np.stack(its))
    found = []
    for t in range(8):
        s, states = layer.step(y[:, t], states, C)
        assert isinstance(states, list)
        found.append(array(s))
    close(np.stack(found, axis=1), array(layer(y, C)))


@WAYS
def test_what_comes_after_in_y_changes_nothing_before(context):
    layer, _, y, C = a_decoder("GRU", context)
    right = array(layer(y, C))[:, :5]
    y[:, 5:] += 1
    close(layer(y, C)[:, :5], right)


def test_the_three_ways_have_the_weights_that_the_equations_name():
    d, m, n = 3, 5, 6
    cell = n * (d + n + 1)
    R, P = n * m, n * (m + 1)
    counts = {"every_step": cell + R, "initial_state": cell + P, "both": cell + R + P}
    for context, count in counts.items():
        layer, *_ = a_decoder("SimpleRNN", context)
        assert layer.count_params() == count


# --- gradients --------------------------------------------------------------------


def complex_step(f, x):
    """∂f/∂x of a NumPy function of complex numbers, to machine precision."""
    x = np.asarray(x, complex)
    out = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        moved = x.copy()
        moved[i] += 1e-30j
        out[i] = np.imag(f(moved)) / 1e-30
    return out


def close_gradients(ours, theirs):
    assert np.abs(theirs).max() > 0.01
    scale = max(1, np.abs(theirs).max())
    close(ours / scale, theirs / scale)


def parts_of_the_gradient(loss, by_hand, arguments):
    """∂loss/∂a by the backend and by a complex step, for every argument by name."""
    for name, value in arguments.items():

        def ours(a, name=name):
            return loss(**{**arguments, name: a})

        def theirs(a, name=name):
            return by_hand(**{**arguments, name: a})

        found = gradients.gradient(ours, value.astype(proofs.DTYPE))
        close_gradients(found, complex_step(theirs, value))


@WAYS
@pytest.mark.parametrize("kind", ["GRU", "LSTM"])
def test_gradients_of_the_decoder_equal_a_complex_step(kind, context):
    layer, cell, y, C = a_decoder(kind, context)
    y, C = y[:1, :5], C[:1]
    v = normal(5, 6, seed=5)
    names = ["y", "C", *(w.path for w in layer.weights)]
    start = dict(zip(names, [y, C, *values(layer.weights)], strict=True))
    in_cell = [w.path for w in cell.weights]
    rest = [name for name in names[2:] if name not in in_cell]
    rest.sort(key=lambda name: -start[name].ndim)

    def loss(y, C, **weights):
        ordered = [
            ops.convert_to_tensor(np.asarray(w, proofs.DTYPE))
            if isinstance(w, np.ndarray)
            else w
            for w in weights.values()
        ]
        others = [w.value for w in layer.non_trainable_variables]  # of dropout
        S, _ = layer.stateless_call(ordered, others, y, C)
        return ops.sum(ops.convert_to_tensor(v) * S[0])

    def by_hand(y, C, **weights):
        packed = [weights[name] for name in in_cell]
        projection = [weights[name] for name in rest] or None
        S = references.decoder(kind, y[0], C[0], packed, context, projection)
        return np.sum(v * S)

    parts_of_the_gradient(loss, by_hand, start)


@pytest.mark.parametrize("both_ways", [False, True], ids=["forward", "both ways"])
@pytest.mark.parametrize("kind", ["GRU", "LSTM"])
def test_gradients_of_the_encoder_equal_a_complex_step(kind, both_ways):
    """With a mask: nothing flows to masked steps."""
    recurrent = recurrent_layer(kind, both_ways=both_ways)
    layer = encoder_decoder.Encoder(recurrent, size=7)
    x, mask = proofs.random_input()[2:], proofs.mask_with_holes()[2:]
    layer(x)
    proofs.random_weights(layer)
    v, real = normal(7, seed=5), mask[0]
    u = normal(8, 10 if both_ways else 5, seed=6) * real[:, None]
    weights = directions_of(recurrent), projection_of(layer, recurrent)

    def loss(x):
        H, C = layer(x, mask=ops.convert_to_tensor(mask))
        tensors = map(ops.convert_to_tensor, (u, v))
        return sum(ops.sum(w * a[0]) for w, a in zip(tensors, (H, C), strict=True))

    def by_hand(x):
        H, C = references.encoder(kind, x[0, real], *weights)
        return np.sum(u[real] * H) + np.sum(v * C)

    found = gradients.gradient(loss, x)
    assert not found[0, ~real].any()
    close_gradients(found, complex_step(by_hand, x))


def test_gradients_of_the_queries_equal_a_complex_step():
    H, mask = proofs.random_input(features=5)[2:], proofs.mask_with_holes()[2:]
    layer = encoder_decoder.ContextSequence(3)
    layer(H)
    proofs.random_weights(layer)
    v, (Q,) = normal(3, 5, seed=5), values(layer.weights)

    def loss(H, Q):
        Q = ops.convert_to_tensor(np.asarray(Q)) if isinstance(Q, np.ndarray) else Q
        Q = ops.cast(Q, proofs.DTYPE)
        mask_ = ops.convert_to_tensor(mask)
        C, _ = layer.stateless_call([Q], [], H, mask=mask_)
        return ops.sum(ops.convert_to_tensor(v) * C[0])

    def by_hand(H, Q):
        return np.sum(v * references.learned_queries(H[0, mask[0]], Q))

    parts_of_the_gradient(loss, by_hand, {"H": H, "Q": Q})


# --- the whole model --------------------------------------------------------------


class Whole:
    """A model with random weights, and the same model as a NumPy loop."""

    def __init__(
        self,
        context="both",
        kind="GRU",
        both_ways=False,
        sequence=None,
        symbols=(9, 7),
        seed=0,
        module=encoder_decoder,
    ):
        self.kind, self.way = kind, context
        source, target = symbols
        recurrent = recurrent_layer(kind, both_ways=both_ways)
        cell = CELLS[kind](6)
        encoder = module.Encoder(recurrent, size=None if sequence else 3)
        decoder = module.Decoder(cell, context=context)
        parts = [encoder, decoder]
        self.sequence = sequence and module.ContextSequence(3, how=sequence)
        if sequence:
            parts.append(self.sequence)
        self.model = module.EncoderDecoder(
            source, target, 4, encoder, decoder, self.sequence
        )
        self.model([np.array([[1, 2]]), np.array([[START, 3]])])
        proofs.random_weights(self.model, seed=seed, scale=1.0)
        self.encode = directions_of(recurrent), projection_of(encoder, recurrent)
        self.decode = values(cell.weights), projection_of(decoder, cell)
        by_shape = {w.shape: w for w in own(self.model, *parts)}
        assert len(by_shape) == 4
        self.E_x, self.E_y = by_shape[source, 4], by_shape[target, 4]
        self.V, self.b = by_shape[6, target], by_shape[(target,)]

    def logits(self, x, y):
        """Of one row x of ids and a list y of ids: (len(y), target)."""
        x = [i for i in x if i]
        H, C = references.encoder(self.kind, self.E_x[x], *self.encode)
        if self.sequence:
            if self.sequence.weights:
                C = references.learned_queries(H, values(self.sequence.weights)[0])
            else:
                C = references.last_states(H, 3)
            C = C.ravel()
        weights, projection = self.decode
        S = references.decoder(
            self.kind, self.E_y[list(y)], C, weights, self.way, projection
        )
        return S @ self.V + self.b

    def next_symbol(self, x):
        """list of the symbols so far → log-probabilities of the next.

        Decoding never writes the filling and START, as likely as they may be.
        """

        def log_p(ids):
            log_p = references.log_softmax(self.logits(x, [START, *ids])[-1])
            log_p[:END] = -np.inf
            return log_p

        return log_p

    def log_p(self, x, ids):
        """Of a whole sequence, without filling."""
        rows = references.log_softmax(self.logits(x, [START, *ids[:-1]]))
        return sum(row[i] for row, i in zip(rows, ids, strict=True))


def sources(rows=4, time=6, seed=0, symbols=9):
    """(rows, time) of ids with filling: of random lengths, the first row full."""
    rng = np.random.default_rng(seed)
    x = rng.integers(1, symbols, (rows, time)).astype("int32")
    lengths = rng.integers(1, time + 1, rows)
    lengths[0] = time
    x[np.arange(time) >= lengths[:, None]] = 0
    return x


def targets(rows=4, time=7, seed=0, symbols=7):
    """(rows, time): START, random symbols, END, filling."""
    rng = np.random.default_rng(seed + 100)
    y = np.zeros((rows, time), "int32")
    for row, length in zip(y, rng.integers(0, time - 1, rows), strict=True):
        row[: length + 2] = START, *rng.integers(3, symbols, length), END
    return y


def row_of(ids, longest):
    return [*ids, *[0] * (longest - len(ids))]


def without_filling(row):
    return [int(i) for i in row if i]


SETUPS = {
    "every_step, LSTM": {"context": "every_step", "kind": "LSTM"},
    "initial_state": {"context": "initial_state", "kind": "GRU after"},
    "both, bidirectional": {"context": "both", "both_ways": True},
    "queries": {"context": "every_step", "sequence": "queries", "both_ways": True},
    "last states": {"context": "both", "sequence": "last"},
}
ALL_SETUPS = pytest.mark.parametrize("setup", SETUPS.values(), ids=SETUPS)


def check_model(setup, module=encoder_decoder):
    whole = Whole(**setup, module=module)
    x, y = sources(), targets()
    x[0, 2] = 0  # a hole
    logits = array(whole.model([x, y]))
    assert logits.shape == (4, 7, 7)
    for i in range(4):
        real = without_filling(y[i])
        close(logits[i, : len(real)], whole.logits(x[i], real))


@ALL_SETUPS
def test_the_model_is_its_equations(setup):
    check_model(setup)


def check_model_steps(setup, module=encoder_decoder):
    whole = Whole(**setup, module=module)
    x, y = sources(), targets()
    y[y == 0] = 3  # all real
    right = references.log_softmax(array(whole.model([x, y])).astype("float64"))
    memory, states = whole.model.begin(x)
    assert isinstance(states, list) and all(len(s) == 4 for s in states)
    for t in range(7):
        log_p, states = whole.model.step(y[:, t], states, memory)
        close(log_p, right[:, t])
        assert isinstance(states, list)


@ALL_SETUPS
def test_begin_and_step_give_the_log_probabilities_of_the_call(setup):
    check_model_steps(setup)


# --- greedy -----------------------------------------------------------------------


def check_greedy(setup, seeds=SEEDS, module=encoder_decoder):
    longest, lengths = 6, set()
    for seed in seeds:
        whole = Whole(**setup, seed=seed, module=module)
        x = sources(seed=seed)
        ids = array(module.Greedy(whole.model, longest)(x))
        assert ids.shape == (4, longest) and ids.dtype.kind == "i"
        right = [references.greedy(whole.next_symbol(row), longest) for row in x]
        assert ids.tolist() == [row_of(each, longest) for each in right]
        lengths |= {len(each) for each in right}
    return lengths


@ALL_SETUPS
def test_greedy_is_the_step_by_step_loop(setup):
    lengths = check_greedy(setup)
    # words of several lengths were compared
    assert len(lengths) > 1 or len(SEEDS) == 1


def test_greedy_says_at_most_as_many_symbols_as_asked():
    whole = Whole(seed=1)
    x = sources(seed=1)
    for longest in (1, 2, 9):
        ids = array(encoder_decoder.Greedy(whole.model, longest)(x))
        right = [references.greedy(whole.next_symbol(row), longest) for row in x]
        assert ids.tolist() == [row_of(each, longest) for each in right]


# --- beam search ------------------------------------------------------------------


@ALL_SETUPS
def test_a_beam_of_one_is_greedy(setup):
    for seed in SEEDS:
        whole = Whole(**setup, seed=seed)
        x = sources(seed=seed)
        ids = array(encoder_decoder.Greedy(whole.model, 6)(x))
        alpha = seed / 2
        best, _ = encoder_decoder.BeamSearch(whole.model, 6, 1, alpha)(x)
        assert array(best).tolist() == ids.tolist()


def check_everything_is_searched(alphas, seeds=SEEDS, module=encoder_decoder):
    """On three symbols, one of them END, with a beam that forgets nothing.

    Returns the best of every word as a list, for each alpha, and what greedy says.
    """
    longest, found, greedy = 4, {alpha: [] for alpha in alphas}, []
    for seed in seeds:
        whole = Whole("every_step", "LSTM", symbols=(9, 5), seed=seed, module=module)
        x = sources(seed=seed)
        every = [
            references.hypotheses(whole.next_symbol(row), longest, (2, 3, 4))
            for row in x
        ]
        greedy += [references.greedy(whole.next_symbol(row), longest) for row in x]
        for alpha in alphas:
            search = module.BeamSearch(whole.model, longest, 40, alpha)
            best, log_p = map(array, search(x))
            assert best.shape == (4, longest) and log_p.shape == (4,)
            for i, its in enumerate(every):
                assert len(its) == 1 + 2 + 4 + 8 + 16
                ids, right = max(its, key=lambda one: references.score(*one, alpha))
                assert best[i].tolist() == row_of(ids, longest)
                close(log_p[i], right)
                found[alpha].append(ids)
    return found, greedy


def test_a_beam_that_forgets_nothing_finds_the_best_of_all_sequences():
    check_everything_is_searched((0.0, 0.6, 1.0))


@ON_TENSORFLOW
def test_these_comparisons_tell_search_from_greedy_and_one_alpha_from_another():
    found, greedy = check_everything_is_searched((0.0, 0.6, 1.0), range(5))
    assert greedy != found[0.0] != found[0.6] != found[1.0]
    assert {len(ids) for ids in found[1.0]} == {1, 2, 3, 4}


def check_narrow_beam(setup, width, alpha, seeds=SEEDS, module=encoder_decoder):
    for seed in seeds:
        whole = Whole(**setup, seed=seed, module=module)
        x = sources(seed=seed)
        search = module.BeamSearch(whole.model, 6, width, alpha)
        best, log_p = map(array, search(x))
        for i, row in enumerate(x):
            loop = whole.next_symbol(row)
            ids, right = references.beam_search(loop, 6, width, alpha)
            assert best[i].tolist() == row_of(ids, 6)
            close(log_p[i], right)


@ALL_SETUPS
@pytest.mark.parametrize("width, alpha", [(2, 0.0), (3, 0.7), (5, 1.0)])
def test_a_narrow_beam_is_the_search_of_lists(setup, width, alpha):
    check_narrow_beam(setup, width, alpha)


@pytest.mark.parametrize("width, alpha", [(1, 0.0), (3, 0.0), (3, 1.0), (50, 0.5)])
def test_the_log_probability_is_the_model_s_of_what_was_found(width, alpha):
    for seed in SEEDS:
        whole = Whole(seed=seed)
        x = sources(seed=seed)
        search = encoder_decoder.BeamSearch(whole.model, 5, width, alpha)
        best, log_p = map(array, search(x))
        for row, said, one in zip(x, best, log_p, strict=True):
            close(one, whole.log_p(row, without_filling(said)))


def test_a_wider_beam_finds_nothing_less_likely_than_all_there_is():
    whole = Whole(symbols=(9, 5), seed=3)
    x = sources(rows=6, seed=3)
    found = [
        array(encoder_decoder.BeamSearch(whole.model, 4, width)(x)[1])
        for width in (1, 2, 4, 40)
    ]
    assert (np.stack(found[:-1]) <= found[-1] + 1e-5).all()


# --- the comparisons would notice --------------------------------------------------

TWO = {"both_ways": True}
# Each breaks one part of the chapter's layers: the check that must notice, the piece of
# their source, what stands there instead.
MUTANTS = {
    "Encoder: forward and backward exchanged": (
        lambda module: check_encoder("GRU", True, None, module),
        "ends = states[:: len(states) // 2]",
        "ends = states[:: -(len(states) // 2)]",
    ),
    "Encoder: an LSTM's h and cell in place of both directions": (
        lambda module: check_encoder("LSTM", True, None, module),
        "ends = states[:: len(states) // 2]",
        "ends = states[:2]",
    ),
    "Encoder: the cell of an LSTM in place of h": (
        lambda module: check_encoder("LSTM", False, None, module),
        "else states[:1]",
        "else states[-1:]",
    ),
    # in one direction Keras repeats the output at masked steps: there it is the same
    "Encoder: the last column in place of the last states": (
        lambda module: check_encoder("GRU", True, None, module),
        "C = ops.concatenate(ends, axis=-1)",
        "C = H[:, -1]",
    ),
    "Encoder: no mask": (
        lambda module: check_encoder("GRU", False, None, module),
        "self.recurrent(x, mask=mask)",
        "self.recurrent(x)",
    ),
    "Encoder: a tanh in the projection": (
        lambda module: check_encoder("GRU", False, 7, module),
        "self.project(C) if self.project else C",
        "ops.tanh(self.project(C)) if self.project else C",
    ),
    "ContextSequence: the softmax sees the filling": (
        lambda module: check_context_sequence("queries", 3, module),
        "ops.where(real[:, None], e, -3e4)",
        "e",
    ),
    "ContextSequence: the softmax is over the queries": (
        lambda module: check_context_sequence("queries", 3, module),
        "e, -3e4))",
        "e, -3e4), axis=1)",
    ),
    "ContextSequence: masked steps count as last states": (
        lambda module: check_context_sequence("last", 3, module),
        "a = ops.where(real[:, None], ops.cast(a, H.dtype), 0)",
        "a = ops.cast(a, H.dtype)",
    ),
    "ContextSequence: the newest state first": (
        lambda module: check_context_sequence("last", 3, module),
        "ops.arange(self.k, 0, -1)",
        "ops.arange(1, self.k + 1)",
    ),
    "Decoder: no tanh in the first state": (
        lambda module: check_decoder("GRU", "initial_state", module),
        'keras.layers.Dense(n, "tanh", dtype=own)',
        "keras.layers.Dense(n, dtype=own)",
    ),
    "Decoder: the first state is 0": (
        lambda module: check_decoder("GRU", "both", module),
        "first if self.context == ",
        "first if True or self.context == ",
    ),
    "Decoder: C starts the cell of an LSTM too": (
        lambda module: check_decoder("LSTM", "initial_state", module),
        "self.project(C), *others]",
        "self.project(C), *[self.project(C) for _ in others]]",
    ),
    "Decoder: C at the first step only": (
        lambda module: check_decoder("GRU", "every_step", module),
        "y = ops.concatenate([y, C], axis=-1)",
        "y = ops.concatenate([y, C * ops.cast(ops.arange(ops.shape(y)[1]) == 0, "
        "C.dtype)[:, None]], axis=-1)",
    ),
    "Decoder: C before y": (
        lambda module: check_decoder("GRU", "every_step", module),
        "ops.concatenate([y, C], axis=-1)",
        "ops.concatenate([C, y], axis=-1)",
    ),
    "Decoder: no mask": (
        lambda module: check_decoder("GRU", "both", module),
        "initial_state=s, mask=mask)",
        "initial_state=s)",
    ),
    "Decoder: no C in a single step": (
        lambda module: check_model_steps({"context": "every_step"}, module),
        "y = ops.concatenate([y, one_vector(C, self.m)], axis=-1)",
        "y = ops.concatenate([y, 0 * one_vector(C, self.m)], axis=-1)",
    ),
    "EncoderDecoder: the filling is read": (
        lambda module: check_model({}, module),
        "mask = ops.not_equal(x, 0)",
        "mask = ops.not_equal(x, -1)",
    ),
    "EncoderDecoder: the vectors of C in another order": (
        lambda module: check_model({"sequence": "last"}, module),
        "return self.context(H, mask=mask) if",
        "return ops.flip(self.context(H, mask=mask), 1) if",
    ),
    "EncoderDecoder: no softmax in a step": (
        lambda module: check_model_steps({}, module),
        "ops.log_softmax(self.V(s))",
        "self.V(s)",
    ),
    "EncoderDecoder: the states do not move on": (
        lambda module: check_model_steps({}, module),
        "s, states = self.decoder.step(",
        "s, _ = self.decoder.step(",
    ),
    "Greedy: something follows END": (
        lambda module: check_greedy(SETUPS["initial_state"], module=module),
        "y = ops.where(ended, 0, best)",
        "y = best",
    ),
    "Greedy: always reads START": (
        lambda module: check_greedy(SETUPS["initial_state"], module=module),
        """def step(t, y, said, states):
            log_p, states = self.model.step(y, states, memory)""",
        """def step(t, y, said, states):
            log_p, states = self.model.step(0 * y + START, states, memory)""",
    ),
    "Greedy: says the filling and START": (
        lambda module: check_greedy(SETUPS["initial_state"], module=module),
        'ops.argmax(log_p[:, END:], axis=-1), "int32") + END',
        'ops.argmax(log_p, axis=-1), "int32")',
    ),
    "BeamSearch: what has come to END goes on": (
        lambda module: check_everything_is_searched((0.0,), module=module),
        "total = ops.where(ended[:, None], stay, log_p)",
        "total = log_p",
    ),
    "BeamSearch: what has come to END is forgotten": (
        lambda module: check_everything_is_searched((0.0,), module=module),
        "ops.where(symbol == 0, 0.0, never), dtype)",
        "ops.where(symbol == 0, never, never), dtype)",
    ),
    "BeamSearch: divides by the longest, not by its own length": (
        lambda module: check_everything_is_searched((1.0,), module=module),
        "length = ops.sum(",
        "length = self.longest + 0 * ops.sum(",
    ),
    "BeamSearch: END does not count in the length": (
        lambda module: check_everything_is_searched((0.6, 1.0), module=module),
        "(batch, k, -1)) != 0, axis=-1)",
        "(batch, k, -1)) > END, axis=-1)",
    ),
    "BeamSearch: no alpha": (
        lambda module: check_everything_is_searched((1.0,), module=module),
        "** self.alpha",
        "** 0",
    ),
    "BeamSearch: gives the normalised score": (
        lambda module: check_everything_is_searched((1.0,), module=module),
        "best = ops.argmax(score / ops.cast(",
        "score = score / ops.cast(length, score.dtype) ** self.alpha\n"
        "        best = ops.argmax(score + 0 * ops.cast(",
    ),
    "BeamSearch: starts from k equal beginnings": (
        lambda module: check_narrow_beam({}, 3, 0.0, module=module),
        "ops.where(ops.arange(k) == 0, 0.0, never)",
        "ops.zeros(k)",
    ),
    "BeamSearch: the states stay where they were": (
        lambda module: check_narrow_beam({}, 3, 0.0, module=module),
        "said, *states = [ops.take(z, parent, axis=0) for z in (said, *states)]",
        "said = ops.take(said, parent, axis=0)",
    ),
    "BeamSearch: all words follow the first": (
        lambda module: check_narrow_beam({}, 3, 0.0, module=module),
        "row + best // ops.size(symbol)",
        "0 * row + best // ops.size(symbol)",
    ),
    "BeamSearch: says the filling and START": (
        lambda module: check_narrow_beam({}, 3, 0.0, module=module),
        "ops.where(symbol < END, never, ",
        "ops.where(symbol < 0, never, ",
    ),
}


@ON_TENSORFLOW
@pytest.mark.parametrize("check, old, new", MUTANTS.values(), ids=MUTANTS)
def test_the_comparison_notices(check, old, new):
    with pytest.raises(AssertionError):
        check(proofs.mutant(encoder_decoder, old, new))


# --- batches, filling, compilation ------------------------------------------------


def decoders_of(model, longest=6):
    """The ways to decode, each as a function x → list of arrays; and compiled ones."""
    searches = {
        "greedy": encoder_decoder.Greedy(model, longest),
        "beam": encoder_decoder.BeamSearch(model, longest, 3),
        "normalised beam": encoder_decoder.BeamSearch(model, longest, 3, 1.0),
    }

    def listed(outputs):
        return [
            array(o) for o in (outputs if isinstance(outputs, tuple) else [outputs])
        ]

    eager = {n: lambda x, s=s: listed(s(x)) for n, s in searches.items()}
    predicted = {
        n: lambda x, s=s, **options: listed(s.predict(x, verbose=0, **options))
        for n, s in searches.items()
    }
    return eager, predicted


def same_decoded(ours, theirs):
    assert ours[0].tolist() == theirs[0].tolist()
    if len(ours) == 2:
        close(ours[1], theirs[1])


@ALL_SETUPS
def test_a_batch_gives_what_each_word_gives_alone(setup):
    whole = Whole(**setup)
    x = sources(rows=2 + len(SEEDS))
    for decode in decoders_of(whole.model)[0].values():
        alone = [decode(np.array([without_filling(row)], "int32")) for row in x]
        same_decoded(decode(x), [np.concatenate(o) for o in zip(*alone, strict=True)])


@ALL_SETUPS
def test_compiled_decoding_equals_eager(setup):
    whole = Whole(**setup)
    x = sources(rows=7)
    eager, predicted = decoders_of(whole.model)
    for name, decode in eager.items():
        right = decode(x)
        same_decoded(predicted[name](x, batch_size=3), right)  # a last batch of one


def test_compiled_decoding_follows_the_weights():
    whole = Whole(seed=0)
    x = sources()
    greedy = encoder_decoder.Greedy(whole.model, 6)
    before = greedy.predict(x, verbose=0)
    whole.model.set_weights(Whole(seed=2).model.get_weights())
    after = greedy.predict(x, verbose=0)
    assert (before != after).any()
    np.testing.assert_array_equal(after, array(greedy(x)))


@ALL_SETUPS
def test_filling_changes_neither_loss_nor_prediction(setup):
    """At random lengths, with filling behind the source, in it, and behind y."""
    whole = Whole(**setup)
    loss = keras.losses.SparseCategoricalCrossentropy(True, ignore_class=0)
    whole.model.compile(loss=loss)
    eager, _ = decoders_of(whole.model)
    for seed in SEEDS[:2]:
        rng = np.random.default_rng(seed)
        x, y = sources(seed=seed), targets(seed=seed)
        wide_x = np.zeros((4, 6 + rng.integers(1, 5)), "int32")
        places = np.sort(rng.permutation(wide_x.shape[1])[:6])
        wide_x[:, places] = x
        wide_y = np.pad(y, ((0, 0), (0, rng.integers(1, 5))))
        logits = array(whole.model([x, y]))
        wide = array(whole.model([wide_x, wide_y]))
        real = y > 0
        close(wide[:, :7][real], logits[real])
        losses = [
            whole.model.evaluate([x, y[:, :-1]], y[:, 1:], verbose=0)
            for x, y in ((x, y), (wide_x, wide_y))
        ]
        rows = references.log_softmax(logits.astype("float64"))
        said = (y[:, 1:] > 0).nonzero()
        by_hand = -rows[(*said, y[:, 1:][said])].mean()
        assert losses == pytest.approx([by_hand] * 2, rel=1e-5)
        for decode in eager.values():
            same_decoded(decode(wide_x), decode(x))


@ALL_SETUPS
def test_an_empty_source_disturbs_nothing(setup):
    """No word is empty; if one is, the others in the batch do not notice."""
    whole = Whole(**setup)
    x, y = sources(), targets()
    right = array(whole.model([x, y]))
    x[2] = 0
    found = array(whole.model([x, y]))
    assert np.isfinite(found).all()
    close(found[[0, 1, 3]], right[[0, 1, 3]])


# --- training, saving -------------------------------------------------------------


def test_it_learns_to_copy():
    whole = Whole()
    x = np.random.default_rng(0).integers(3, 6, (256, 1)).astype("int32")
    y = np.pad(x, ((0, 0), (1, 1)), constant_values=((0, 0), (START, END)))
    loss = keras.losses.SparseCategoricalCrossentropy(True, ignore_class=0)
    fresh = type(whole.model).from_config(whole.model.get_config())
    fresh.compile(keras.optimizers.Adam(0.03), loss)
    fresh.fit([x, y[:, :-1]], y[:, 1:], epochs=10, verbose=0)
    said = encoder_decoder.Greedy(fresh, 4).predict(x, verbose=0)
    assert (said[:, :2] == y[:, 1:]).all() and not said[:, 2:].any()


@ALL_SETUPS
def test_a_saved_model_comes_back(setup, tmp_path):
    whole = Whole(**setup)
    x, y = sources(), targets()
    whole.model.save(tmp_path / "model.keras")
    back = keras.saving.load_model(tmp_path / "model.keras")
    close(back([x, y]), array(whole.model([x, y])))
    for one, other in zip(
        *(decoders_of(m)[0].values() for m in (whole.model, back)), strict=True
    ):
        same_decoded(one(x), other(x))
    for name in ("source", "target", "width"):
        assert back.get_config()[name] == whole.model.get_config()[name]


def test_the_config_keeps_every_argument():
    recurrent, cell = recurrent_layer("GRU"), CELLS["LSTM"](4)
    layers = [
        encoder_decoder.Encoder(recurrent, size=7, name="mine"),
        encoder_decoder.ContextSequence(3, how="last"),
        encoder_decoder.Decoder(cell, context="initial_state"),
    ]
    for layer in layers:
        copy = type(layer).from_config(layer.get_config())
        assert copy.get_config() == layer.get_config()
    assert layers[0].get_config()["size"] == 7
    assert layers[1].get_config()["k"] == 3
    assert layers[1].get_config()["how"] == "last"
    assert layers[2].get_config()["context"] == "initial_state"


def test_the_queries_keep_the_contract(keras_contract):
    keras_contract(lambda: encoder_decoder.ContextSequence(3))


def pair_model(context, kind, both_ways):
    """(x, y) → S, for any length, of an encoder and a decoder."""
    x, y = keras.Input((None, 4)), keras.Input((None, 3))
    encoder = encoder_decoder.Encoder(recurrent_layer(kind, both_ways=both_ways), 7)
    _, C = encoder(x)
    decoder = encoder_decoder.Decoder(CELLS[kind](6), context=context)
    return keras.Model([x, y], decoder(y, C))


@pytest.mark.parametrize(
    "context, kind, both_ways",
    [
        ("every_step", "GRU", True),
        ("initial_state", "GRU after", False),
        ("both", "LSTM", True),
    ],
)
def test_encoder_and_decoder_keep_the_contract(context, kind, both_ways, tmp_path):
    """Any batch and length, save and load, training with and without JIT, float16."""
    x, y = normal(3, 8, 4).astype("float32"), normal(3, 6, 3).astype("float32")
    model = pair_model(context, kind, both_ways)
    assert model.output_shape == (None, None, 6)
    assert model([x[:2, :5], y[:2, :4]]).shape == (2, 4, 6)
    model.save(tmp_path / "pair.keras")
    back = keras.saving.load_model(tmp_path / "pair.keras")
    proofs.assert_same(back([x, y]), model([x, y]), 2e-6)
    for jit in (False, True):
        if jit and keras.backend.backend() == "torch":
            continue  # torch.compile needs a C++ compiler at run time
        before = [w.copy() for w in model.get_weights()]
        model.compile("sgd", "mse", jit_compile=jit)
        model.fit([x, y], np.ones((3, 6, 6), "float32"), verbose=0)
        for weight, old in zip(model.weights, before, strict=True):
            assert (array(weight) != old).any(), weight.path
    keras.config.set_dtype_policy("mixed_float16")
    half = pair_model(context, kind, both_ways)
    half.set_weights(model.get_weights())
    out = half([x, y])
    assert keras.backend.standardize_dtype(out.dtype) == "float16"
    proofs.assert_same(ops.cast(out, "float32"), model([x, y]), 2e-2)


# --- wrong arguments --------------------------------------------------------------


def test_an_unknown_way_is_one_clear_error():
    with pytest.raises(ValueError, match="context.*'every_step'.*'both'.*'always'"):
        encoder_decoder.Decoder(CELLS["GRU"](3), context="always")
    with pytest.raises(ValueError, match="how.*'queries'.*'last'.*'mean'"):
        encoder_decoder.ContextSequence(3, how="mean")


@WAYS
def test_a_context_of_another_size_is_one_clear_error(context):
    layer, _, y, _ = a_decoder("GRU", context)
    with pytest.raises(ValueError, match="C must hold 5 numbers.*8"):
        layer(y, normal(3, 8))
    for wrong_y, wrong_C in ((y[0], normal(3, 5)), (y, normal(3, 5, 2, 2))):
        with pytest.raises(ValueError, match=r"y must be \(batch, time, features\)"):
            encoder_decoder.Decoder(CELLS["GRU"](6), context)(wrong_y, wrong_C)


def test_an_encoder_needs_all_states_of_its_layer():
    for options in ({}, {"return_sequences": True}, {"return_state": True}):
        with pytest.raises(ValueError, match="return_sequences.*return_state"):
            encoder_decoder.Encoder(keras.layers.GRU(3, **options))
