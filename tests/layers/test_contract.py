"""Fresh weights, defaults and config of every exported class are as documented."""

import copy
import inspect
import re

import keras
import numpy as np
import pytest
from catalogue import CATALOGUE, B, N, exported, parts
from catalogue import x as X

CLASSES = {n: c for module in exported().values() for n, c in module.items()}
each_class = pytest.mark.parametrize("name", CLASSES)


def make(name, other=False):
    """A layer with its needed arguments, or with all others changed too."""
    entry = CATALOGUE[name]
    keras.utils.set_random_seed(0)
    return CLASSES[name](**parts(entry.needed | (entry.other if other else {})))


def x_like(n):
    return np.zeros((B, n), "float32")


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


INNER = {"DiagonalCell"}  # made by another class, which has checked its arguments
NUMBERS = [
    (name, argument)
    for name in CLASSES
    for argument, value in (CATALOGUE[name].needed | CATALOGUE[name].other).items()
    if type(value) is int and name not in INNER
]
PARTS = [
    (name, argument)
    for name in CLASSES
    for argument in CATALOGUE[name].needed
    if argument in ("cell", "attention")
]


def with_argument(name, argument, value):
    """A layer with all its arguments changed, and this one set to a value."""
    entry = CATALOGUE[name]
    given = entry.needed | entry.other
    given |= {"model": None} if "model" in given else {}  # takes seconds to make
    return CLASSES[name](**parts(given) | {argument: value})


@pytest.mark.parametrize("wrong", [0, -1, True, np.True_, 2.5, "5", [5]], ids=str)
@pytest.mark.parametrize("name, argument", NUMBERS)
def test_what_is_no_positive_integer_is_one_clear_error(name, argument, wrong):
    message = f"^{argument} must be a positive integer, got {re.escape(repr(wrong))}"
    with pytest.raises(ValueError, match=message):
        with_argument(name, argument, wrong)


@pytest.mark.parametrize("name, argument", NUMBERS)
def test_an_integer_of_numpy_is_kept_as_a_plain_one(name, argument):
    entry = CATALOGUE[name]
    value = (entry.needed | entry.other)[argument]
    layer = with_argument(name, argument, np.int64(value))
    if not entry.unsaved:
        kept = layer.get_config()[argument]
        assert type(kept) is int and kept == value


WRONG_PARTS = [5, None, "GRU", keras.layers.GRUCell, keras.layers.GRU(5)]


@pytest.mark.parametrize("wrong", WRONG_PARTS, ids=lambda w: str(w)[:20])
@pytest.mark.parametrize("name, argument", PARTS)
def test_what_is_no_part_is_one_clear_error(name, argument, wrong):
    with pytest.raises(ValueError, match=f"^{argument} must be a .*, got "):
        with_argument(name, argument, wrong)


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("name", ["LSTM", "PeepholeLSTM", "Gated", "StackedRNN"])
def test_a_start_without_all_states_is_one_clear_error(name, count):
    layer, states = make(name), [x_like(N)] * count
    if count != 2:
        with pytest.raises(ValueError, match="initial_state must be a list of"):
            layer(X, initial_state=states)
    for one in (x_like(N), np.zeros((2, B, N), "float32")):
        with pytest.raises(ValueError, match="initial_state must be a list of"):
            layer(X, initial_state=one)


@pytest.mark.parametrize("name", ["AttentionDecoder", "CaptionDecoder"])
def test_a_decoder_wants_all_states_of_its_cell_in_a_list(name):
    own = {"cell": keras.layers.LSTMCell(N)}
    layer = CLASSES[name](**parts(CATALOGUE[name].needed) | own)
    for wrong in (x_like(N), [x_like(N)], [x_like(N)] * 3):
        with pytest.raises(ValueError, match="initial_state must be a list of 2"):
            layer(*CATALOGUE[name].inputs, initial_state=wrong)
    layer(*CATALOGUE[name].inputs, initial_state=[x_like(N)] * 2)
