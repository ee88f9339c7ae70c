# Generated from chapters/4_4_encoder_decoder.ipynb: edit that, not this.

import keras
from keras import ops

from utils.layers.bidirectional import check_cell


def revived(part):
    """A layer, given itself or its config, as a saved model has it."""
    is_config = isinstance(part, dict)
    return keras.saving.deserialize_keras_object(part) if is_config else part


@keras.saving.register_keras_serializable("rnn_course")
class Encoder(keras.layers.Layer):
    """All states of a source sequence, and its context C (document, section 4.4).

        h(t) = f(h(t−1), x(t))
        C = h(τ), or C = Q h(τ) + b_Q if a `size` is given

    Args:
        recurrent: a recurrent layer with return_sequences and return_state, or
            `keras.layers.Bidirectional` around one. Of an LSTM, C is made of h alone.
        size: m, the size of C; by default that of h(τ).

    Shapes: x (batch, τ, features), mask (batch, τ) → H (batch, τ, n), C (batch, m).
    With a mask, h(τ) is the last state that is not masked. A bidirectional layer has
    two, one at each end, and h(τ) is both, side by side.

    Raises:
        ValueError: `recurrent` does not return sequences and states; `size` is no
            positive integer; x is not of rank 3.
    """

    def __init__(self, recurrent, size=None, **kwargs):
        super().__init__(**kwargs)
        if size is not None and ("int" not in type(size).__name__ or size < 1):
            raise ValueError(f"size must be None or a positive integer, got {size!r}.")
        self.recurrent, self.size = revived(recurrent), size and int(size)
        self.both = isinstance(self.recurrent, keras.layers.Bidirectional)
        inner = self.recurrent.forward_layer if self.both else self.recurrent
        wanted = "return_sequences", "return_state"
        if not all(getattr(inner, name, False) for name in wanted):
            raise ValueError(
                "recurrent must be a recurrent layer with return_sequences=True and "
                f"return_state=True, got {recurrent!r}."
            )
        own = {"dtype": self.dtype_policy}
        self.project = None if size is None else keras.layers.Dense(self.size, **own)
        self.supports_masking = True

    def build(self, x_shape):
        if len(x_shape) != 3:
            raise ValueError(f"x must be (batch, time, features), got {x_shape}.")
        self.recurrent.build(x_shape)
        if self.project:
            H_shape, *_ = self.recurrent.compute_output_shape(x_shape)
            self.project.build(H_shape)

    def call(self, x, mask=None):
        H, *states = self.recurrent(x, mask=mask)
        ends = states[:: len(states) // 2] if self.both else states[:1]
        C = ops.concatenate(ends, axis=-1)
        return H, self.project(C) if self.project else C

    def compute_mask(self, x, mask=None):
        return [mask, None]

    def get_config(self):
        recurrent = keras.saving.serialize_keras_object(self.recurrent)
        return {**super().get_config(), "recurrent": recurrent, "size": self.size}


def positive(**sizes):
    """The sizes as plain integers; ValueError for one that is no positive integer."""
    for name, n in sizes.items():
        if "int" not in type(n).__name__ or n < 1:
            raise ValueError(f"{name} must be a positive integer, got {n!r}.")
    return {name: int(n) for name, n in sizes.items()}


def check_part(name, part, *methods):
    """Say what is wanted where a part is no layer, or lacks one of these methods."""
    if isinstance(part, type) or not all(hasattr(part, m) for m in methods):
        wanted = f"a layer with {' and '.join(methods)}"
        raise ValueError(f"{name} must be {wanted}, got {part!r}.")


@keras.saving.register_keras_serializable("rnn_course")
class ContextSequence(keras.layers.Layer):
    """C as a fixed number of vectors: k of them, whatever the length of the source.

        C_j = Σ_t a_jt h(t)

    The document does not say how such a sequence is made. These two ways are ours.

    Args:
        k: how many vectors.
        how: "queries": a_j = softmax over t of q_j · h(t), with k learned vectors q;
            "last": C_1 … C_k are the last k states, and 0 where there are fewer.

    Shapes: H (batch, τ, n), mask (batch, τ) → C (batch, k, n).

    Raises:
        ValueError: `k` is no positive integer, `how` is something else, or H is not
            of rank 3.
    """

    def __init__(self, k, how="queries", **kwargs):
        super().__init__(**kwargs)
        self.k = positive(k=k)["k"]
        if how not in ("queries", "last"):
            raise ValueError(f"how must be 'queries' or 'last', got {how!r}.")
        self.how = how
        self.supports_masking = True

    def build(self, H_shape):
        if len(H_shape) != 3:
            raise ValueError(f"H must be (batch, time, n), got {H_shape}.")
        if self.how == "queries":
            self.queries = self.add_weight((self.k, H_shape[-1]), name="queries")

    def call(self, H, mask=None):
        real = ops.ones(ops.shape(H)[:2], "bool") if mask is None else mask
        real = ops.cast(real, "bool")
        if self.how == "queries":
            e = ops.einsum("kn,btn->bkt", self.queries, H)
            a = ops.softmax(ops.where(real[:, None], e, -3e4))  # fits into float16
        else:
            here = ops.cast(real, "int32")
            left = ops.flip(ops.cumsum(ops.flip(here, 1), axis=1), 1)  # from t on
            a = ops.equal(left[:, None], ops.arange(self.k, 0, -1)[:, None])
        a = ops.where(real[:, None], ops.cast(a, H.dtype), 0)
        return ops.matmul(a, H)

    def compute_mask(self, H, mask=None):
        return None

    def get_config(self):
        return {**super().get_config(), "k": self.k, "how": self.how}


def numbers_of(C_shape):
    """How many numbers C has for each word: m, or k m."""
    _, *inner = C_shape
    return inner[0] * (inner[1] if len(inner) == 2 else 1)


def one_vector(C, size):
    """C (batch, m) or (batch, k, m) as (batch, size), or ValueError."""
    if numbers_of(C.shape) != size:
        raise ValueError(f"C must hold {size} numbers, got {tuple(C.shape[1:])}.")
    return ops.reshape(C, (-1, size))


@keras.saving.register_keras_serializable("rnn_course")
class Decoder(keras.layers.Layer):
    """States of a target sequence, given C, in the document's three ways (4.4).

        "every_step":     s(0) = 0               s(t) = f(s(t−1), [y(t−1); C])
        "initial_state":  s(0) = tanh(P C + b')  s(t) = f(s(t−1), y(t−1))
        "both":           s(0) = tanh(P C + b')  s(t) = f(s(t−1), [y(t−1); C])

    Args:
        cell: f, such as `keras.layers.GRUCell(64)`. Of an LSTM's two states C starts h.
        context: which way. ValueError for another, or where `cell` is no cell.

    Shapes, else ValueError: y (batch, τ, features), mask (batch, τ) of y, C (batch, m),
    or (batch, k, m), which is laid out as one vector → S (batch, τ, n).
    """

    def __init__(self, cell, context="every_step", **kwargs):
        super().__init__(**kwargs)
        if context not in (ways := ("every_step", "initial_state", "both")):
            raise ValueError(f"context must be one of {ways}, got {context!r}.")
        self.cell, self.context, own = revived(cell), context, self.dtype_policy
        check_cell(self.cell)
        self.recurrent = keras.layers.RNN(self.cell, return_sequences=True, dtype=own)
        n, *_ = keras.tree.flatten(self.cell.state_size)
        self.project = keras.layers.Dense(n, "tanh", dtype=own)
        self.supports_masking = True

    def build(self, y_shape, C_shape):
        if len(y_shape) != 3 or len(C_shape) not in (2, 3):
            wanted = "y must be (batch, time, features), C (batch, m) or (batch, k, m)"
            raise ValueError(f"{wanted}, got {tuple(y_shape)} and {tuple(C_shape)}.")
        self.m = numbers_of(C_shape)
        more = 0 if self.context == "initial_state" else self.m
        self.recurrent.build((None, None, y_shape[-1] + more))
        if self.context != "every_step":
            self.project.build((None, self.m))

    def start(self, C):
        """s(0): one (batch, n) for each state of the cell, in a list."""
        C = one_vector(C, self.m)
        first, *others = self.recurrent.get_initial_state(ops.shape(C)[0])
        return [first if self.context == "every_step" else self.project(C), *others]

    def call(self, y, C, mask=None):
        s = self.start(C)
        if self.context != "initial_state":
            C = ops.repeat(one_vector(C, self.m)[:, None], ops.shape(y)[1], axis=1)
            y = ops.concatenate([y, C], axis=-1)
        return self.recurrent(y, initial_state=s, mask=mask)

    def step(self, y, states, C):
        """One step: y (batch, features), states → s (batch, n), new states."""
        if self.context != "initial_state":
            y = ops.concatenate([y, one_vector(C, self.m)], axis=-1)
        return self.cell(y, states)

    def get_config(self):
        cell = keras.saving.serialize_keras_object(self.cell)
        return {**super().get_config(), "cell": cell, "context": self.context}


@keras.saving.register_keras_serializable("rnn_course")
class EncoderDecoder(keras.Model):
    """An encoder and a decoder between symbols: 0 fills up, 1 is START, 2 is END.

        P(y(t) | y(1) … y(t−1), x) = softmax(c + V s(t))

    Args:
        source, target: how many symbols there are, with 0, START and END.
        width: of the vector that stands for a symbol.
        encoder: `Encoder`. decoder: `Decoder`.
        context: `ContextSequence`, which then makes C of all states; or None.
            Sizes that are no positive integers, or other parts, raise ValueError.

    Shapes: [x (batch, τ_x), y (batch, τ_y)], whole numbers, y from START on → logits
    (batch, τ_y, target) of the symbol that comes next.
    `begin` and `step` are all that `Greedy` and `BeamSearch` need of a model.
    """

    def __init__(self, source, target, width, encoder, decoder, context=None, **kwargs):
        super().__init__(**kwargs)
        self.sizes = positive(source=source, target=target, width=width)
        source, target, width = self.sizes.values()
        self.encoder, self.decoder = revived(encoder), revived(decoder)
        self.context = revived(context)
        check_part("encoder", self.encoder, "call")
        check_part("decoder", self.decoder, "start", "step")
        if context is not None:
            check_part("context", self.context, "call")
        own = {"dtype": self.dtype_policy}
        self.of_source = keras.layers.Embedding(source, width, **own)
        self.of_target = keras.layers.Embedding(target, width, **own)
        self.V = keras.layers.Dense(target, **own)

    def call(self, inputs):
        x, y = inputs
        S = self.decoder(self.of_target(y), self.read(x))
        return self.V(S)

    def read(self, x):
        """C of the source x."""
        mask = ops.not_equal(x, 0)
        H, C = self.encoder(self.of_source(x), mask=mask)
        return self.context(H, mask=mask) if self.context else C

    def begin(self, x):
        """What is known before the first step: C, and the decoder's states."""
        C = self.read(x)
        return C, self.decoder.start(C)

    def step(self, y, states, C):
        """log P of each symbol that may follow y: (batch, target), and the states."""
        s, states = self.decoder.step(self.of_target(y), states, C)
        return ops.log_softmax(self.V(s)), states

    def get_config(self):
        parts = {
            name: keras.saving.serialize_keras_object(getattr(self, name))
            for name in ("encoder", "decoder", "context")
        }
        return {**super().get_config(), **self.sizes, **parts}


START, END = 1, 2


class Greedy(keras.Model):
    """Write the most probable symbol at each step, and read it at the next one.

    Args:
        model: with `begin` and `step`, as `EncoderDecoder` has them.
        longest: after how many symbols to stop.

    Shapes: x (batch, τ) → symbols (batch, longest): up to END, then 0.
    `predict` compiles it.

    Raises:
        ValueError: `model` lacks one of them; `longest` is no positive integer.
    """

    def __init__(self, model, longest, **kwargs):
        super().__init__(**kwargs)
        check_part("model", model, "begin", "step")
        self.model, self.longest = model, positive(longest=longest)["longest"]

    def call(self, x):
        memory, states = self.model.begin(x)
        y = ops.full((ops.shape(x)[0],), START, "int32")
        said = ops.zeros((ops.shape(x)[0], self.longest), "int32")

        def running(t, y, said, states):
            return ops.any(y > END) | (t == 0)

        def step(t, y, said, states):
            log_p, states = self.model.step(y, states, memory)
            best = ops.cast(ops.argmax(log_p[:, END:], axis=-1), "int32") + END
            ended = (y == END) | (y == 0)
            y = ops.where(ended, 0, best)
            said = ops.where(ops.arange(self.longest) == t, y[:, None], said)
            return t + 1, y, said, states

        loop = running, step, (0, y, said, states)
        return ops.while_loop(*loop, maximum_iterations=self.longest)[2]


class BeamSearch(keras.Model):
    """Keep the `width` most probable beginnings, and say the best one in the end.

    The best has the largest log P / length^alpha; END counts in the length. A beginning
    that has come to END keeps its place, unchanged. With width 1 this is `Greedy`.

    Args:
        model, longest: as of `Greedy`.
        width: how many beginnings.
        alpha: 0 compares log P; 1 compares its mean over the symbols.

    Shapes: x (batch, τ) → symbols (batch, longest), log P (batch,).

    Raises:
        ValueError: as in `Greedy`; `width` is no positive integer; `alpha` no number.
    """

    def __init__(self, model, longest, width, alpha=0.0, **kwargs):
        super().__init__(**kwargs)
        check_part("model", model, "begin", "step")
        if not hasattr(alpha, "__float__"):
            raise ValueError(f"alpha must be a number, got {alpha!r}.")
        self.longest, self.width = positive(longest=longest, width=width).values()
        self.model, self.alpha = model, float(alpha)

    def call(self, x):
        batch, k, never = ops.shape(x)[0], self.width, -float("inf")
        memory, states = keras.tree.map_structure(
            lambda z: ops.repeat(z, k, axis=0), self.model.begin(x)
        )
        dtype = keras.backend.result_type(self.model.compute_dtype, "float32")
        row = k * ops.arange(batch)[:, None]  # where a word's beginnings start
        score = ops.where(ops.arange(k) == 0, 0.0, never)  # k times START is one
        score = ops.zeros((batch, 1), dtype) + ops.cast(score, dtype)
        y = ops.full((batch * k,), START, "int32")
        said = ops.zeros((batch * k, self.longest), "int32")

        def running(t, y, *rest):
            return ops.any(y > END) | (t == 0)

        def step(t, y, said, score, states):
            log_p, states = self.model.step(y, states, memory)
            symbol, ended = ops.arange(ops.shape(log_p)[-1]), (y == END) | (y == 0)
            log_p = ops.where(symbol < END, never, ops.cast(log_p, dtype))
            stay = ops.cast(ops.where(symbol == 0, 0.0, never), dtype)
            total = ops.where(ended[:, None], stay, log_p)
            total = ops.reshape(ops.reshape(score, (-1, 1)) + total, (batch, -1))
            score, best = ops.top_k(total, k)
            parent = ops.reshape(row + best // ops.size(symbol), (-1,))
            y = ops.cast(ops.reshape(best % ops.size(symbol), (-1,)), "int32")
            said, *states = [ops.take(z, parent, axis=0) for z in (said, *states)]
            said = ops.where(ops.arange(self.longest) == t, y[:, None], said)
            return t + 1, y, said, score, states

        loop = running, step, (0, y, said, score, states)
        *_, said, score, _ = ops.while_loop(*loop, maximum_iterations=self.longest)
        length = ops.sum(ops.reshape(said, (batch, k, -1)) != 0, axis=-1)
        best = ops.argmax(score / ops.cast(length, score.dtype) ** self.alpha, axis=-1)
        best = ops.reshape(row, (-1,)) + ops.cast(best, row.dtype)
        return ops.take(said, best, axis=0), ops.take(ops.reshape(score, (-1,)), best)
