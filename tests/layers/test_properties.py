"""What holds for every exported class, whatever the data: hypothesis looks for more.

Each is put into a model of its own that is given all that may differ: the batch, the
length, which steps are real. COURSE_EXAMPLES asks for more examples than the few here.
"""

import functools
import inspect
import os
from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
import pytest
import test_masks
from catalogue import CATALOGUE, D, N, encoder, exported, parts
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from keras import ops

from utils import proofs

CLASSES = {n: c for module in exported().values() for n, c in module.items()}
# elsewhere each new shape is compiled, or each step run by itself
EXAMPLES = int(os.environ.get("COURSE_EXAMPLES", 3 if proofs.ON_TENSORFLOW else 1))
TOLERANCE = 1e-5  # float32, sums of other lengths in another order
few = settings(
    max_examples=EXAMPLES,
    derandomize="COURSE_EXAMPLES" not in os.environ,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def build(name, **options):
    """One of the exported classes, with its needed arguments and some others."""
    return CLASSES[name](**(parts(CATALOGUE[name].needed) | options))


# --- models of one kind each -------------------------------------------------------


def sequences(layer):
    """x (batch, time, D) and its mask → what the layer says of each, or of all."""
    x, mask = keras.Input((None, D)), keras.Input((None,), dtype="bool")
    return keras.Model([x, mask], layer(x, mask))


def asked(layer, size=D):
    """An attention layer, asked with the last real step of what it attends to."""
    x, mask = keras.Input((None, D)), keras.Input((None,), dtype="bool")
    last = keras.layers.GRU(size)(x, mask=mask)
    return keras.Model([x, mask], layer(last, x, mask=mask)[0])


def reads_itself(decoder):
    """A decoder whose target is its source too."""
    masks = list(inspect.signature(decoder.call).parameters)[-1]
    return sequences(lambda x, mask: decoder(x, x, **{masks: mask})[0])


def repeats_itself(context=None):
    H_C, decoder = encoder(), build("Decoder", context="both")

    def run(x, mask):
        H, C = H_C(x, mask=mask)
        C = context(H, mask=mask) if context else C
        return decoder(x, C, mask=mask)

    return sequences(run)


def symbols(model):
    """Two sequences of whole numbers, 0 for filling."""
    inputs = [keras.Input((None,), dtype="int32") for _ in range(2)]
    return keras.Model(inputs, model(inputs))


def captions(model):
    inputs = [keras.Input((4, D)), keras.Input((None,), dtype="int32")]
    return keras.Model(inputs, model(inputs))


def images(layer):
    x = keras.Input((2, 3, D))
    return keras.Model([x], layer(x))


def documents(model):
    ids = keras.Input((None, None), dtype="int32")
    return keras.Model([ids], model(ids))


@dataclass
class Case:
    """A model, which classes it is made of, and what it is given.

    kind    "steps" (an output for each step), "whole" (one of all steps), "symbols",
            "captions", "images" or "documents"
    saved   whether a model of it can be saved
    """

    make: Callable
    kind: str
    names: tuple
    saved: bool = True


def recurrent_cases():
    """A case for every cell that Keras can run, and for every recurrent layer."""
    options = {"return_sequences": True, "zero_output_for_mask": True}
    for name, cls in CLASSES.items():
        entry = CATALOGUE[name]
        if entry.unsaved or name == "DiagonalCell":
            continue
        for suffix, other in (("", {}), (", changed", entry.other)):
            if suffix and not other:
                continue
            if issubclass(cls, keras.layers.RNN):

                def make(name=name, other=other):
                    layer = build(name, **other, **options)
                    return sequences(lambda x, mask: layer(x, mask=mask))

            elif name.endswith("Cell"):

                def make(name=name, other=other):
                    layer = keras.layers.RNN(build(name, **other), **options)
                    return sequences(lambda x, mask: layer(x, mask=mask))

            else:
                continue
            yield f"{name}{suffix}", Case(make, "steps", (name,))


def first(layer):
    return lambda x, mask: layer(x, mask=mask)[0]


def plain(layer):
    return lambda x, mask: layer(x, mask=mask)


OWN = {
    "BidirectionalRNN": Case(
        lambda: sequences(plain(build("BidirectionalRNN"))),
        "steps",
        ("BidirectionalRNN",),
    ),
    "AttentionDecoder": Case(
        lambda: reads_itself(build("AttentionDecoder")),
        "steps",
        ("AttentionDecoder", "AttentionCell", "AdditiveAttention"),
    ),
    "AttentionDecoder, changed": Case(
        lambda: reads_itself(
            build("AttentionDecoder", **CATALOGUE["AttentionDecoder"].other)
        ),
        "steps",
        (),
    ),
    "CaptionDecoder": Case(
        lambda: reads_itself(build("CaptionDecoder")),
        "steps",
        ("CaptionDecoder", "CaptionCell", "VisualAttention"),
    ),
    "CountingDecoder": Case(
        lambda: reads_itself(build("CountingDecoder")),
        "steps",
        ("CountingDecoder", "CountingCell", "LocalAttention"),
    ),
    "PredictiveAttention": Case(
        lambda: asked(build("PredictiveAttention"), N),
        "whole",
        ("PredictiveAttention",),
    ),
    "PredictiveAttention, changed": Case(
        lambda: asked(build("PredictiveAttention", renormalise=True), N), "whole", ()
    ),
    "AdditiveAttention": Case(lambda: asked(build("AdditiveAttention")), "whole", ()),
    **{
        f"MultiplicativeAttention, {score}": Case(
            lambda score=score: asked(
                build(
                    "MultiplicativeAttention",
                    score=score,
                    units=4 if score == "concat" else None,
                )
            ),
            "whole",
            ("MultiplicativeAttention",),
        )
        for score in CLASSES["MultiplicativeAttention"].SCORES
    },
    "VisualAttention": Case(lambda: asked(build("VisualAttention")), "whole", ()),
    "Encoder": Case(
        lambda: sequences(lambda x, mask: build("Encoder", size=2)(x, mask=mask)[1]),
        "whole",
        ("Encoder",),
    ),
    "Encoder, Decoder": Case(repeats_itself, "steps", ("Decoder",)),
    "ContextSequence": Case(
        lambda: sequences(plain(build("ContextSequence"))),
        "whole",
        ("ContextSequence",),
    ),
    "ContextSequence, changed": Case(
        lambda: sequences(plain(build("ContextSequence", how="last"))), "whole", ()
    ),
    "ContextSequence, Decoder": Case(
        lambda: repeats_itself(build("ContextSequence")), "steps", ()
    ),
    "AttentionPooling": Case(
        lambda: sequences(first(build("AttentionPooling"))),
        "whole",
        ("AttentionPooling",),
    ),
    "SelfAttention": Case(
        lambda: sequences(first(build("SelfAttention"))), "steps", ("SelfAttention",)
    ),
    "SelfAttention, changed": Case(
        lambda: sequences(
            first(build("SelfAttention", **CATALOGUE["SelfAttention"].other))
        ),
        "steps",
        (),
    ),
    "PositionEmbedding": Case(
        lambda: sequences(lambda x, mask: build("PositionEmbedding")(x)),
        "steps",
        ("PositionEmbedding",),
    ),
    "AttentionBlock": Case(
        lambda: sequences(first(build("AttentionBlock"))), "steps", ("AttentionBlock",)
    ),
    "SelfAttentionEncoder": Case(
        lambda: sequences(plain(build("SelfAttentionEncoder"))),
        "steps",
        ("SelfAttentionEncoder",),
    ),
    "SelfAttentionDecoder": Case(
        lambda: reads_itself(build("SelfAttentionDecoder")),
        "steps",
        ("SelfAttentionDecoder",),
    ),
    **{
        name: Case(lambda name=name: symbols(build(name)), "symbols", (name,))
        for name in ("EncoderDecoder", "AttentionModel", "SelfAttentionModel")
    },
    **{
        name: Case(lambda name=name: captions(build(name)), "captions", (name,))
        for name in ("Captioner", "DoublyStochasticCaptioner")
    },
    **{
        name: Case(lambda name=name: images(build(name)), "images", (name,))
        for name in ("FourDirectionRNN", "ReNet", "MultiDimensionalRNN")
    },
    "HierarchicalAttentionNetwork": Case(
        lambda: documents(build("HierarchicalAttentionNetwork")),
        "documents",
        ("HierarchicalAttentionNetwork",),
    ),
}
CASES = OWN | dict(recurrent_cases())
# They write what they said before: tests of their own search alone.
WRITERS = {"Greedy", "BeamSearch"}
PART_OF = {"DiagonalCell": "MultiDimensionalRNN"}
each_case = pytest.mark.parametrize("name", CASES)


@functools.cache
def model_of(name):
    """The case's model, with random weights."""
    keras.utils.set_random_seed(0)
    return proofs.random_weights(CASES[name].make())


def test_every_exported_class_is_in_a_case():
    covered = {name for case in CASES.values() for name in case.names}
    assert covered | WRITERS | set(PART_OF) == set(CLASSES), "give it a Case"


def test_for_every_layer_of_steps_filling_is_seen_to_change_no_loss():
    tested = {name for key in test_masks.LAYERS for name in key.split(", ")}
    steps = [case for case in CASES.values() if case.kind == "steps"]
    layers = {name for case in steps for name in case.names}
    layers -= {name for name in layers if name.endswith("Cell")}
    layers -= {"AdditiveAttention", "VisualAttention"}  # of the decoders
    assert layers <= tested, "give it a place in test_masks.py"


# --- data --------------------------------------------------------------------------


@st.composite
def examples(draw):
    """(batch, time) of what is real, a seed, steps of filling, its value, an order."""
    batch, time = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    rows = st.lists(st.booleans(), min_size=time, max_size=time)
    real = np.array(draw(st.lists(rows, min_size=batch, max_size=batch)))
    seed, more = draw(st.integers(0, 99)), draw(st.integers(0, 3))
    filling = draw(st.sampled_from([0.0, 7.0, -1e4]))
    return real, seed, more, filling, draw(st.permutations(range(batch)))


def inputs_of(kind, real, seed):
    """What the model is given: all that is not real is filling."""
    rng = np.random.default_rng(seed)
    batch, time = real.shape
    if kind in ("steps", "whole"):
        return [rng.normal(size=(batch, time, D)).astype("float32"), real]
    if kind == "images":
        return [rng.normal(size=(batch, 2, 3, D)).astype("float32")]
    # a word begins at the first step, and has one symbol at least
    lengths = np.maximum(real.sum(axis=1), 1)
    ids = rng.integers(1, 7, (2, batch, time)) * (np.arange(time) < lengths[:, None])
    if kind == "symbols":
        return [*ids.astype("int32")]
    if kind == "captions":
        return [
            rng.normal(size=(batch, 4, D)).astype("float32"),
            ids[0].astype("int32"),
        ]
    return [np.stack(ids, axis=1).astype("int32")]  # documents of two sentences


def filled(kind, inputs, more, filling):
    """The same with so many steps of filling at the end."""
    if kind in ("steps", "whole"):
        x, real = inputs
        x = np.pad(x, ((0, 0), (0, more), (0, 0)), constant_values=filling)
        return [x, np.pad(real, ((0, 0), (0, more)))]
    pads = {"images": [0], "symbols": [more, more], "captions": [0, more]}
    if kind == "documents":  # sentences and words of filling
        return [np.pad(inputs[0], ((0, 0), (0, more), (0, more)))]
    return [
        np.pad(x, ((0, 0), (0, n)) + ((0, 0),) * (x.ndim - 2))
        for x, n in zip(inputs, pads[kind], strict=True)
    ]


def judged(kind, inputs, found):
    """Of what the model found, that which must not depend on the filling."""
    found = ops.convert_to_numpy(found).astype("float32")
    if kind in ("steps", "symbols", "captions"):
        real = inputs[-1].astype(bool)
        return np.where(real[..., None], found[:, : real.shape[1]], 0)
    return found


# --- properties --------------------------------------------------------------------


a_row_of_filling = np.array([[False, False], [True, False]]), 1, 1, 7.0, [1, 0]


@each_case
@few
@example(drawn=a_row_of_filling)
@given(drawn=examples())
@pytest.mark.filterwarnings("ignore:You are using a softmax over axis")
def test_neither_filling_nor_order_nor_size_changes_the_result(name, drawn):
    real, seed, more, filling, order = drawn
    kind, model = CASES[name].kind, model_of(name)
    inputs = inputs_of(kind, real, seed)
    before, added = judged(kind, inputs, model(inputs)), sum(model.losses)
    other = [x[order] for x in filled(kind, inputs, more, filling)]
    after = model(other)
    assert np.isfinite(ops.convert_to_numpy(after)).all()
    assert float(sum(model.losses)) == pytest.approx(float(added), rel=1e-4)
    after = judged(kind, [x[order] for x in inputs], after)
    np.testing.assert_allclose(after, before[order], rtol=1e-4, atol=TOLERANCE)


@each_case
def test_saved_and_compiled_and_in_half_precision_it_says_the_same(name, tmp_path):
    case, model = CASES[name], model_of(name)
    real = np.array([[True, True, False, True], [False, True, True, False]])
    inputs = inputs_of(case.kind, real, 1)
    wanted = judged(case.kind, inputs, model(inputs))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    again.compile(jit_compile=False)
    found = again.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
    assert np.abs(judged(case.kind, inputs, found) - wanted).max() < TOLERANCE
    policy = keras.mixed_precision.dtype_policy()
    try:
        keras.mixed_precision.set_dtype_policy("mixed_float16")
        half = case.make()
        half.set_weights(model.get_weights())
        found = half(inputs)
        assert keras.backend.standardize_dtype(found.dtype) == "float16"
    finally:
        keras.mixed_precision.set_dtype_policy(policy)
    found = judged(case.kind, inputs, found)
    assert np.abs(found - wanted).max() < 2e-2 * max(1, np.abs(wanted).max())


@pytest.mark.parametrize(
    "name", [n for n, c in CLASSES.items() if issubclass(c, keras.layers.RNN)]
)
@pytest.mark.parametrize("steps", [True, False])
def test_bidirectional_runs_every_recurrent_layer_both_ways(name, steps):
    x = proofs.random_input(2, 3, D).astype("float32")
    real = np.array([[True, True, False], [True, False, True]])
    options = {"return_sequences": steps, "zero_output_for_mask": steps}
    both = keras.layers.Bidirectional(build(name, **options))
    both(x)
    proofs.random_weights(both)
    there, back = build(name, **options), build(name, go_backwards=True, **options)
    for layer, its in ((there, both.forward_layer), (back, both.backward_layer)):
        layer(x)
        layer.set_weights(its.get_weights())
    found = [layer(x, mask=real) for layer in (there, back)]
    found[1] = ops.flip(found[1], 1) if steps else found[1]
    wanted = ops.concatenate(found, axis=-1)
    proofs.assert_same(both(x, mask=real), wanted, TOLERANCE)


# What is wrong with an input, and what makes it so of the first argument.
WRONG = {
    "no step": lambda x: x[:, :0],
    "an axis more": lambda x: x[..., None],
    "an axis less": lambda x: x[0],
    "another size": lambda x: np.concatenate([x, x], axis=-1),
}
NO_SIZE = {"SelfAttention": "without maps it has no weights, and takes any size"}
# Answered all the same. To be mended where the layer lives.
ANSWERED = {
    ("StackedRNN", "an axis more"),
    ("MultiplicativeAttention", "an axis less"),
    ("PredictiveAttention", "an axis more"),
}


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, entry in CATALOGUE.items()
        if entry.inputs and not name.endswith("Cell")  # a cell takes any rows
    ],
)
@pytest.mark.parametrize("wrong", WRONG)
def test_what_does_not_fit_is_refused_or_has_no_answer(name, wrong):
    first, *rest = CATALOGUE[name].inputs
    whole = isinstance(first, list) or first.dtype == "int32"
    if wrong == "another size" and (whole or name in NO_SIZE):
        pytest.skip("a length, and no size")
    if wrong == "no step" and not whole and first.ndim == 2:
        pytest.skip("a single step")
    if (name, wrong) in ANSWERED:
        pytest.skip("to be mended")
    change = WRONG[wrong]
    layer = build(name)
    if wrong == "another size":
        layer(first, *rest)
    many = isinstance(first, list)
    first = [change(first[0]), *first[1:]] if many else change(first)
    try:
        answer = layer(first, *rest)
    except Exception:
        return
    for part in keras.tree.flatten(answer):
        part = ops.convert_to_numpy(part)
        assert wrong == "no step" and (part.size == 0 or np.isfinite(part).all())
