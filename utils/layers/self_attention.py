# Generated from chapters/4_5_2_self_attention.ipynb: edit that, not this.

import keras
from keras import ops

from utils.layers.encoder_decoder import check_part, positive


def shares(e, visible=None):
    """The weights α = softmax(e) over the last axis, and 0 where not visible.

    Args:
        e: scores (batch, time, source time).
        visible: bools that broadcast to that shape; by default all.

    A row in which nothing is visible is 0 throughout, and not NaN.
    """
    dtype = e.dtype
    if keras.backend.standardize_dtype(dtype) == "float16":
        e = ops.cast(e, "float32")
    if visible is None:
        return ops.cast(ops.softmax(e), dtype)
    alpha = ops.softmax(ops.where(visible, e, -1e9)) * ops.cast(visible, e.dtype)
    return ops.cast(alpha, dtype)


@keras.saving.register_keras_serializable("rnn_course")
class SelfAttention(keras.layers.Layer):
    """Self-attention (document, section 4.5.2; Vaswani et al. 2017, with one head).

        e_ij = (W_q x_i) · (W_k z_j) / √k   α_i = softmax(e_i)   c_i = Σ_j α_ij W_v z_j

    z is x; or another sequence, if one is given: attention from decoder to encoder.

    Args:
        units: k, the size of queries and keys. None: no W_q, no W_k, and k = d.
        values: the size of c. None: no W_v, the values are the z_j themselves.
        causal: whether step i sees only steps j ≤ i, as a decoder must.

    Shapes, else ValueError: x (batch, τ, d), z (batch, τ_z, d_z), and their masks mask
    and z_mask → c (batch, τ, values or d_z), α (batch, τ, τ_z). A step that may see
    nothing gets zeros. `keras.layers.MultiHeadAttention` with one head and without
    biases is this, and a product with an output matrix.
    """

    def __init__(self, units=None, values=None, causal=False, **kwargs):
        super().__init__(**kwargs)
        wanted = "None or a positive integer"
        for name, size in (("units", units), ("values", values)):
            if size is not None and ("int" not in type(size).__name__ or size < 1):
                raise ValueError(f"{name} must be {wanted}, got {size!r}.")
        self.units, self.values = units and int(units), values and int(values)
        self.causal = causal
        self.supports_masking = True

    def build(self, x_shape, z_shape=None):
        if self.causal and z_shape is not None:
            raise ValueError("causal is for x alone, but z was given.")
        z_shape = z_shape or x_shape
        d, d_z, maps = x_shape[-1], z_shape[-1], self.units is not None
        if len(x_shape) != 3 or len(z_shape) != 3 or not (maps or d == d_z):
            wanted = "x and z must be (batch, time, size), of one size if units is None"
            raise ValueError(f"{wanted}, got {tuple(x_shape)} and {tuple(z_shape)}.")
        self.W_q = self.add_weight((d, self.units), name="W_q") if maps else None
        self.W_k = self.add_weight((d_z, self.units), name="W_k") if maps else None
        if self.values is not None:
            self.W_v = self.add_weight((d_z, self.values), name="W_v")

    def keys_values(self, z):
        k = z if self.W_k is None else ops.matmul(z, self.W_k)
        return k, z if self.values is None else ops.matmul(z, self.W_v)

    def look(self, x, k, v, visible=None):
        q = x if self.W_q is None else ops.matmul(x, self.W_q)
        e = ops.matmul(q, ops.transpose(k, (0, 2, 1))) / q.shape[-1] ** 0.5
        alpha = shares(e, visible)
        return ops.matmul(alpha, v), alpha

    def call(self, x, z=None, mask=None, z_mask=None):
        real = mask if z is None else z_mask
        visible = None if real is None else ops.cast(real, "bool")[:, None, :]
        if self.causal:
            step = ops.arange(ops.shape(x)[1])
            past = step[None, :] <= step[:, None]
            visible = past[None] if visible is None else visible & past
        return self.look(x, *self.keys_values(x if z is None else z), visible)

    def compute_mask(self, x, mask=None):
        return [mask, None]

    def get_config(self):
        own = {"units": self.units, "values": self.values, "causal": self.causal}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("rnn_course")
class PositionEmbedding(keras.layers.Layer):
    """x_i + p_i, with a vector p_i learned for each position (Gehring et al. 2017).

    Args:
        longest: how many positions there are.

    Shapes: x (batch, τ, d) → the same. `at(t)` is the vectors of some positions: (n,)
    → (n, d). ValueError: `longest` is no positive integer, τ is more, or another rank.
    """

    def __init__(self, longest, **kwargs):
        super().__init__(**kwargs)
        if "int" not in type(longest).__name__ or longest < 1:
            raise ValueError(f"longest must be a positive integer, got {longest!r}.")
        self.longest = int(longest)
        self.supports_masking = True

    def build(self, x_shape):
        if len(x_shape) != 3:
            raise ValueError(f"x must be (batch, time, size), got {x_shape}.")
        self.p = self.add_weight((self.longest, x_shape[-1]), "uniform", name="p")

    def call(self, x):
        time = x.shape[1]  # on JAX it may be a symbol
        if isinstance(time, int) and time > self.longest:
            raise ValueError(f"x has {time} steps, at most {self.longest} fit.")
        return x + self.at(ops.arange(ops.shape(x)[1]))

    def compute_output_shape(self, x_shape):
        return x_shape

    def at(self, t):
        return ops.take(self.p, t, axis=0)

    def get_config(self):
        return {**super().get_config(), "longest": self.longest}


@keras.saving.register_keras_serializable("rnn_course")
class AttentionBlock(keras.layers.Layer):
    """A look, and a small network at each step that reads what was seen.

        u = norm(x)   c = attention(u, z)   x' = x + W_2 relu(W_1 [u; c] + b_1) + b_2

    Args:
        units, causal: of `SelfAttention`, which has no value map: W_1 does its work.

    Shapes: x (batch, τ, d), z (batch, τ_z, d_z) or None, and their masks, → x', α.
    W_1 has 2 d units.
    """

    def __init__(self, units=None, causal=False, **kwargs):
        super().__init__(**kwargs)
        own = {"dtype": self.dtype_policy}
        self.norm = keras.layers.LayerNormalization(**own)
        self.attention = SelfAttention(units, causal=causal, **own)
        self.supports_masking = True

    def build(self, x_shape, z_shape=None):
        d, own = x_shape[-1], {"dtype": self.dtype_policy}
        self.W_1 = keras.layers.Dense(2 * d, "relu", **own)
        self.W_2 = keras.layers.Dense(d, **own)
        self.norm.build(x_shape)
        self.attention.build(x_shape, z_shape)
        self.W_1.build((None, None, d + (z_shape or x_shape)[-1]))
        self.W_2.build((None, None, 2 * d))

    def call(self, x, z=None, mask=None, z_mask=None):
        u = self.norm(x)
        c, alpha = self.attention(u, z, mask=mask, z_mask=z_mask)
        return self.then(x, u, c), alpha

    def then(self, x, u, c):
        return x + self.W_2(self.W_1(ops.concatenate([u, c], axis=-1)))

    def step(self, x, k, v, visible):
        u = self.norm(x)[:, None]
        c, _ = self.attention.look(u, k, v, visible)
        return self.then(x, u[:, 0], c[:, 0])

    def compute_mask(self, x, mask=None):
        return [mask, None]

    def get_config(self):
        own = {"units": self.attention.units, "causal": self.attention.causal}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("rnn_course")
class SelfAttentionEncoder(keras.layers.Layer):
    """Vectors of positions, then blocks that look at the source, then a norm (4.5.2).

    Args, else ValueError:
        longest: the most steps.
        units: k of every `SelfAttention`; None leaves out W_q and W_k.
        blocks: how many.
        positions: whether a vector is added for each position.

    Shapes: x (batch, τ, d), mask (batch, τ) → h of the shape of x.
    """

    def __init__(self, longest, units=None, blocks=1, positions=True, **kwargs):
        super().__init__(**kwargs)
        self.own = positive(longest=longest, blocks=blocks)
        own = {"dtype": self.dtype_policy}
        self.place = PositionEmbedding(longest, **own) if positions else None
        self.looks = [AttentionBlock(units, **own) for _ in range(blocks)]
        self.own |= {"units": self.looks[0].attention.units, "positions": positions}
        self.norm = keras.layers.LayerNormalization(**own)
        self.supports_masking = True

    def build(self, x_shape):
        places = [self.place] if self.place else []
        for layer in (*places, *self.looks, self.norm):
            layer.build(x_shape)

    def call(self, x, mask=None):
        x = self.place(x) if self.place else x
        for look in self.looks:
            x, _ = look(x, mask=mask)
        return self.norm(x)

    def compute_output_shape(self, x_shape):
        return x_shape

    def get_config(self):
        return {**super().get_config(), **self.own}


@keras.saving.register_keras_serializable("rnn_course")
class SelfAttentionDecoder(keras.layers.Layer):
    """The same for the target, with two looks in turn: back, and over to the source.

    Args: as of `SelfAttentionEncoder`; `blocks` of each kind.

    Shapes: y (batch, τ_y, d), h (batch, τ_x, d_x), h_mask → s of the shape of y, α
    (batch, τ_y, τ_x) of the last look at the source. No step sees a later one.
    `begin` and `step` do the same one step after another, at most `longest` of them.
    """

    def __init__(self, longest, units=None, blocks=1, positions=True, **kwargs):
        super().__init__(**kwargs)
        self.own = positive(longest=longest, blocks=blocks)
        own = {"dtype": self.dtype_policy}
        self.place = PositionEmbedding(longest, **own) if positions else None
        self.back = [AttentionBlock(units, True, **own) for _ in range(blocks)]
        self.over = [AttentionBlock(units, **own) for _ in range(blocks)]
        self.own |= {"units": self.over[0].attention.units, "positions": positions}
        self.norm = keras.layers.LayerNormalization(**own)
        self.supports_masking = True

    def build(self, y_shape, h_shape):
        self.d = y_shape[-1]
        places = [self.place] if self.place else []
        for layer in (*places, *self.back, self.norm):
            layer.build(y_shape)
        for layer in self.over:
            layer.build(y_shape, h_shape)

    def call(self, y, h, h_mask=None):
        y = self.place(y) if self.place else y
        for back, over in zip(self.back, self.over, strict=True):
            y, _ = back(y)
            y, alpha = over(y, h, z_mask=h_mask)
        return self.norm(y), alpha

    def compute_output_shape(self, y_shape, h_shape):
        return y_shape, (*y_shape[:2], h_shape[1])

    def begin(self, h, mask):
        batch, states = ops.shape(h)[0], [ops.zeros(ops.shape(h)[:1], "int32")]
        for size in (self.own["units"] or self.d, self.d) * len(self.back):
            states.append(ops.zeros((batch, self.own["longest"], size), h.dtype))
        keys_values = [over.attention.keys_values(h) for over in self.over]
        return (keys_values, mask[:, None]), states

    def step(self, y, states, memory):
        (there, mask), (t, *kept), i = memory, states, ops.arange(self.own["longest"])
        here, past, new = i == t[:, None], i <= t[:, None], [t + 1]
        y = y + self.place.at(t) if self.place else y
        for n, (back, over) in enumerate(zip(self.back, self.over, strict=True)):
            own = back.attention.keys_values(back.norm(y)[:, None])
            own = zip(own, kept[2 * n : 2 * n + 2], strict=True)
            own = [ops.where(here[..., None], *one) for one in own]
            y = over.step(back.step(y, *own, past[:, None]), *there[n], mask)
            new += own
        return self.norm(y), new

    def get_config(self):
        return {**super().get_config(), **self.own}


@keras.saving.register_keras_serializable("rnn_course")
class SelfAttentionModel(keras.Model):
    """Encoder and decoder between symbols without recurrence (document, 4.5.2).

        P(y(i) | y(1) … y(i−1), x) = softmax(c + V s(i))

    Args, else ValueError:
        source, target: how many symbols there are, with 0 (filling), START and END.
        width: d, of the vector that stands for a symbol.
        encoder: `SelfAttentionEncoder`. decoder: `SelfAttentionDecoder`.

    Shapes: [x (batch, τ_x), y (batch, τ_y)], whole numbers, y from START on → logits
    (batch, τ_y, target); with attention=True also α (batch, τ_y, τ_x).
    `begin` and `step` are all that `Greedy` and `BeamSearch` of 4.4 need of a model.
    """

    def __init__(self, source, target, width, encoder, decoder, **kwargs):
        super().__init__(**kwargs)
        self.sizes = positive(source=source, target=target, width=width)
        source, target, width = self.sizes.values()
        check_part("encoder", encoder, "call")
        check_part("decoder", decoder, "begin", "step")
        self.encoder, self.decoder = encoder, decoder
        own = {"dtype": self.dtype_policy}
        self.of_source = keras.layers.Embedding(source, width, **own)
        self.of_target = keras.layers.Embedding(target, width, **own)
        self.V = keras.layers.Dense(target, **own)

    def call(self, inputs, attention=False):
        x, y = inputs
        h, mask = self.read(x)
        s, alpha = self.decoder(self.of_target(y), h, h_mask=mask)
        return (self.V(s), alpha) if attention else self.V(s)

    def read(self, x):
        """h, what the encoder makes of the source, and its mask."""
        mask = ops.not_equal(x, 0)
        return self.encoder(self.of_source(x), mask=mask), mask

    def begin(self, x):
        """Keys, values and mask of the source; and of the target, still empty."""
        return self.decoder.begin(*self.read(x))

    def step(self, y, states, memory):
        """log P of each symbol that may follow y: (batch, target), and the states."""
        s, states = self.decoder.step(self.of_target(y), states, memory)
        return ops.log_softmax(self.V(s)), states

    def get_config(self):
        parts = {"encoder": self.encoder, "decoder": self.decoder}
        parts = {k: keras.saving.serialize_keras_object(v) for k, v in parts.items()}
        return {**super().get_config(), **self.sizes, **parts}

    @classmethod
    def from_config(cls, config):
        part = keras.saving.deserialize_keras_object
        parts = {name: part(config[name]) for name in ("encoder", "decoder")}
        return cls(**{**config, **parts})
