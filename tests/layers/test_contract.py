"""Fresh weights, defaults and config of every exported class are as documented."""

import copy
import functools
import inspect
import re

import keras
import numpy as np
import pytest
from catalogue import CATALOGUE, exported, parts

CLASSES = {n: c for module in exported().values() for n, c in module.items()}
each_class = pytest.mark.parametrize("name", CLASSES)


def make(name, other=False):
    """A layer with its needed arguments, or with all others changed too."""
    entry = CATALOGUE[name]
    keras.utils.set_random_seed(0)
    return CLASSES[name](**parts(entry.needed | (entry.other if other else {})))


def plain(value):
    """A config without the names that Keras numbers by itself."""
    if isinstance(value, dict):
        return {
            k: plain(v)
            for k, v in value.items()
            if k not in ("name", "build_config", "dtype", "shared_object_id")
        }
    return [plain(v) for v in value] if isinstance(value, (list, tuple)) else value


def test_every_exported_class_is_in_the_catalogue():
    assert set(CLASSES) == set(CATALOGUE), "say in catalogue.py how it is made"


@each_class
def test_its_defaults_are_those_that_are_documented(name):
    entry, arguments = CATALOGUE[name], inspect.signature(CLASSES[name]).parameters
    by_place = any(a.kind == a.VAR_POSITIONAL for a in arguments.values())
    none = inspect.Parameter.empty
    found = {
        argument.name: argument.default
        for argument in arguments.values()
        if argument.kind in (argument.POSITIONAL_OR_KEYWORD, argument.KEYWORD_ONLY)
        and argument.name != "dtype"
    }
    defaults = {n: default for n, default in found.items() if default is not none}
    if by_place:  # it hands them on to the class that it extends
        assert defaults.items() <= entry.defaults.items()
    else:
        assert defaults == entry.defaults
        assert [n for n in found if n not in defaults] == list(entry.needed)


@each_class
def test_its_fresh_weights_are_those_that_are_documented(name):
    entry = CATALOGUE[name]
    for other, wanted in ((False, entry.weights), (True, entry.changed)):
        if wanted is None or entry.inputs is None:
            continue
        layer = make(name, other)
        layer(*entry.inputs)
        assert layer.supports_masking or not entry.masked
        weights = layer.get_weights()
        found = [(w.name, tuple(w.shape)) for w in layer.weights]
        assert found == [(n, shape) for n, shape, _ in wanted]
        assert len(layer.trainable_weights) == len(found)
        for (label, _, start), weight in zip(wanted, weights, strict=True):
            try:
                start(np.asarray(weight, "float64"))
            except AssertionError as error:
                raise AssertionError(f"{label} starts otherwise: {weight}") from error


@each_class
def test_its_config_says_all_and_makes_the_same_layer(name):
    entry = CATALOGUE[name]
    if entry.unsaved:
        return
    assert keras.saving.get_registered_name(CLASSES[name]) == f"rnn_course>{name}"
    for other in (False, True):
        given = entry.needed | entry.defaults | (entry.other if other else {})
        if not other:
            given |= entry.config
        layer = make(name, other)
        config = layer.get_config()
        for argument, value in parts(given).items():
            assert argument in config, f"{argument} is not in the config"
            if callable(given[argument]):
                lists = isinstance(value, (list, tuple))
                value = keras.saving.serialize_keras_object(
                    list(value) if lists else value
                )
            elif argument.endswith("initializer"):
                one = keras.initializers.deserialize(config[argument])
                assert type(one) is type(keras.initializers.get(value))
                continue
            assert plain(config[argument]) == plain(value), argument
        before = copy.deepcopy(config)
        again = CLASSES[name].from_config(config)
        assert plain(config) == plain(before), "from_config changes its argument"
        assert again.name == layer.name
        assert plain(again.get_config()) == plain(before)
        named = CLASSES[name].from_config({**layer.get_config(), "dtype": "float16"})
        assert named.compute_dtype == "float16"


def shapes_of(tensors):
    return [tuple(tensor.shape) for tensor in keras.tree.flatten(tensors)]


@each_class
def test_its_output_has_the_shape_that_it_says(name):
    entry = CATALOGUE[name]
    if entry.inputs is None:
        return
    for other in (False, True):
        layer = make(name, other)
        wanted = shapes_of(layer(*entry.inputs))
        symbols = keras.tree.map_structure(
            lambda x: keras.KerasTensor(x.shape, str(x.dtype)), entry.inputs
        )
        found = shapes_of(layer(*symbols))
        assert found == wanted
        shapes = [x.shape for x in entry.inputs if hasattr(x, "shape")]
        if "compute_output_shape" in vars(CLASSES[name]):
            told = layer.compute_output_shape(*shapes)
            single = all(isinstance(n, int) for n in told)
            assert [tuple(shape) for shape in ([told] if single else told)] == wanted


# --- wrong arguments, found by what the catalogue gives for each ----------------------

SIZES = [True, np.True_, 0, -1, np.int64(0), 2.5, 5.0, "5", None, [5], keras.layers.GRU]
NO_LAYERS = [5, "GRU", keras.layers.GRU]
NO_CELLS = [
    *NO_LAYERS,
    None,
    lambda: keras.layers.GRU(5),
    lambda: keras.layers.Dense(5),
]
OTHERS = ["unknown", 5, b"mean"]
NO_NUMBERS = ["1", None, [1.0], keras.layers.GRU]
NUMBER = "must be .*(number|between 0 and 1)"
# Keras's own message names them: a reader meets it everywhere else too
OF_KERAS = {"recurrent_initializer", "forget_bias", "update_bias"}


def wrong_arguments():
    """(class, argument, wrong value, what the message says) for every argument."""
    for name in CLASSES:
        entry = CATALOGUE[name]
        typical = entry.defaults | entry.needed
        typical |= {k: v for k, v in entry.other.items() if typical.get(k, 0) is None}
        for argument, value in typical.items():
            if argument in OF_KERAS or isinstance(value, bool):
                continue
            if isinstance(value, int):
                wrong, wanted = SIZES, "must be .*positive integer"
            elif argument in ("cell", "cells"):
                wrong, wanted = NO_CELLS, "must be .*recurrent cell"
            elif callable(value):
                wrong, wanted = [*NO_LAYERS, None], "must be a .*layer"
            elif isinstance(value, str):
                wrong, wanted = OTHERS, "must be"
            elif isinstance(value, float):
                no_rates = [-0.1, 1.5] if argument == "dropout" else []
                wrong, wanted = NO_NUMBERS + no_rates, NUMBER
            else:  # patch, depths, without: tested where they are made
                continue
            for one in wrong:
                if one is not None or entry.defaults.get(argument, 0) is not None:
                    yield name, argument, one, wanted


def shown(value):
    return f"{value}" if isinstance(value, (list, str, int, float)) else "other"


WRONG = list(wrong_arguments())


def test_each_class_with_arguments_has_wrong_ones():
    assert {name for name, *_ in WRONG} == {n for n in CLASSES if n != "CountingCell"}


@pytest.mark.parametrize(
    "name, argument, wrong, wanted",
    WRONG,
    ids=[f"{name}-{argument}-{shown(wrong)}" for name, argument, wrong, _ in WRONG],
)
def test_a_wrong_argument_is_one_clear_error(name, argument, wrong, wanted):
    """It names the argument, what is wanted, and what was given."""
    entry = CATALOGUE[name]
    own = inspect.isfunction(wrong)
    wrong = wrong() if own else wrong
    given = arguments_for(entry, argument)
    given[argument] = wrong
    got = re.escape(repr(wrong))
    with pytest.raises(ValueError, match=f"(?s){argument} {wanted}.*got {got}"):
        CLASSES[name](**given)


def arguments_for(entry, argument):
    """The needed arguments, and the others where one of them makes this one count."""
    more = entry.other if entry.defaults.get(argument, 0) is None else {}
    given = {**entry.needed, **more}
    return parts(given | ({"model": a_model} if "model" in given else {}))


@functools.cache
def a_model():
    """What `Greedy` and `BeamSearch` write with; it takes seconds to make."""
    return CATALOGUE["Greedy"].needed["model"]()


SIZED = [
    (name, argument, value)
    for name in CLASSES
    for argument, value in (CATALOGUE[name].needed | CATALOGUE[name].other).items()
    if isinstance(value, int) and not isinstance(value, bool)
]


@pytest.mark.parametrize("name, argument, value", SIZED)
def test_a_numpy_integer_is_taken_and_kept_as_a_plain_one(name, argument, value):
    entry = CATALOGUE[name]
    given = arguments_for(entry, argument)
    layer = CLASSES[name](**{**given, argument: np.int32(value)})
    kept = getattr(layer, argument) if entry.unsaved else layer.get_config()[argument]
    assert kept == value and type(kept) is int
    sizes = keras.tree.flatten(getattr(layer, "state_size", []))
    assert all(type(size) is int for size in sizes)
    if entry.inputs is not None:
        layer(*entry.inputs)


# --- what is called with a wrong rank, or with wrong states ---------------------------

x3 = np.zeros((3, 4, 5), "float32")
x2, x4 = x3[:, 0], x3[..., None]
RANKS = {  # the inputs of a layer, by the class → what the message wants
    "Encoder": (1, r"x must be \(batch, time, features\)"),
    "ContextSequence": (1, r"H must be \(batch, time, n\)"),
    "AdditiveAttention": (2, r"s must be \(batch, n\) and h \(batch, time, m\)"),
    "MultiplicativeAttention": (2, r"s must be \(batch, n\) and h \(batch, time, m\)"),
    "VisualAttention": (2, r"h must be \(batch, n\) and a \(batch, L, m\)"),
    "PredictiveAttention": (2, r"s must be \(batch, n\) and h \(batch, time, m\)"),
    "Decoder": (3, r"y must be \(batch, time, features\)"),
    "AttentionDecoder": (3, r"y must be \(batch, time, d\) and h \(batch, time, m\)"),
    "CountingDecoder": (3, r"y must be \(batch, time, d\) and h \(batch, time, m\)"),
    "CaptionDecoder": (3, r"y must be \(batch, time, d\) and a \(batch, L, m\)"),
    "SelfAttention": (1, r"x and z must be \(batch, time, size\)"),
    "PositionEmbedding": (1, r"x must be \(batch, time, size\)"),
    "AttentionBlock": (1, r"x and z must be \(batch, time, size\)"),
    "SelfAttentionEncoder": (1, r"x must be \(batch, time, size\)"),
    "SelfAttentionDecoder": (3, r"(x|x and z) must be \(batch, time, size\)"),
    "AttentionPooling": (1, r"h must be \(batch, time, m\)"),
    "BidirectionalRNN": (1, r"x must be \(batch, time, features\)"),
}
INPUTS = {
    1: [(x2,), (x4,)],
    2: [(x3, x3), (x2, x2), (x2, x4)],  # a state and a sequence
    3: [(x2, x3), (x4, x3), (x3, x4)],  # two sequences
}


@pytest.mark.parametrize("name", RANKS)
def test_an_input_of_a_wrong_rank_is_one_clear_error(name):
    kind, wanted = RANKS[name]
    for inputs in INPUTS[kind]:
        with pytest.raises(ValueError, match=wanted):
            make(name)(*inputs)


@pytest.mark.parametrize(
    "name", ["AttentionDecoder", "CountingDecoder", "CaptionDecoder"]
)
def test_states_that_are_no_list_of_them_are_one_clear_error(name):
    x, h = CATALOGUE[name].inputs
    state = np.zeros((len(x), 5), "float32")
    count = 2 if name == "CountingDecoder" else 1
    for states, got in (
        (state, r"\(3, 5\)"),
        ([state] * (count + 1), f"{count + 1} of them"),
        ([], "0 of them"),
        (0.5, "0.5"),
    ):
        wanted = rf"initial_state must be a list of {count} tensors \(batch, n\)"
        with pytest.raises(ValueError, match=f"{wanted}, got {got}"):
            make(name)(x, h, initial_state=states)


@pytest.mark.parametrize("name", ["LSTM", "PeepholeLSTM", "Gated", "StackedRNN"])
def test_a_start_without_all_states_is_one_clear_error(name):
    x, state = CATALOGUE[name].inputs[0], np.zeros((3, 5), "float32")
    for states in (state, np.stack([state, state]), [state], [state] * 3, 0.5):
        with pytest.raises(ValueError, match="initial_state must be a list of"):
            make(name)(x, initial_state=states)
