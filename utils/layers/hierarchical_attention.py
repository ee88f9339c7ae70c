# Generated from chapters/4_5_3_hierarchical_attention.ipynb: edit that, not this.

import keras
from keras import ops

from utils.layers.attention import attend
from utils.layers.encoder_decoder import check_part, positive


@keras.saving.register_keras_serializable("rnn_course")
class AttentionPooling(keras.layers.Layer):
    """One vector of many, weighted by how well each fits a learned one.

        u_t = tanh(W h_t + b), α = softmax(u_t · u), s = Σ_t α_t h_t

    Document, section 4.5.3; Yang et al. 2016.

    Args:
        units: k, the size of u; else ValueError.

    Shapes: h (batch, time, m), mask (batch, time), False at filling → s (batch, m),
    α (batch, time): 0 at filling; both are 0 in a row of filling. No built-in.
    """

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        if "int" not in type(units).__name__ or units < 1:
            raise ValueError(f"units must be a positive integer, got {units!r}.")
        self.units = int(units)
        self.supports_masking = True

    def build(self, h_shape):
        if len(h_shape) != 3 or h_shape[1] == 0:
            raise ValueError(f"h must be (batch, time, m), time > 0, got {h_shape}.")
        self.W = self.add_weight((h_shape[-1], self.units), name="W")
        self.b = self.add_weight((self.units,), "zeros", name="b")
        self.u = self.add_weight((self.units,), "glorot_uniform", name="u")

    def call(self, h, mask=None):
        u = ops.tanh(ops.matmul(h, self.W) + self.b)
        e = ops.matmul(u, self.u[:, None])[..., 0]
        return attend(e, h, mask)

    def compute_mask(self, h, mask=None):
        return None, None  # s and α are no sequences in time

    def get_config(self):
        return {**super().get_config(), "units": self.units}


def refuse_empty(ids):
    """The ids; ValueError if a document of them has no word at all.

    Ids whose values are known only when a compiled graph runs are let through.
    """
    if hasattr(ids, "shape") and len(ids.shape) != 3:
        raise ValueError(f"ids must be (batch, sentences, words), got {ids.shape}.")
    try:
        real = ops.convert_to_numpy(ids).any(axis=(1, 2))
    except (AttributeError, IndexError, NotImplementedError, TypeError, ValueError):
        return ids
    if not real.all():
        raise ValueError(
            f"Document {int(real.argmin())} of {len(real)} is empty: each needs a "
            "word, which is an id that is not 0."
        )
    return ids


@keras.saving.register_keras_serializable("rnn_course")
class HierarchicalAttentionNetwork(keras.Model):
    """Words make sentences, sentences make a document (document, section 4.5.3).

        h_it = word encoder(x_i1 …), s_i = Σ_t α_it h_it    for each sentence i, by u_w
        h_i = sentence encoder(s_1 …), v = Σ_i α_i h_i, o = c + V v            by u_s

    Args, else ValueError:
        words: how many ids there are, 0 for filling among them.
        width: of the vector x that stands for a word.
        classes: how many.
        word_encoder, sentence_encoder: layers x → h (batch, time, m) that take a mask.
        word_attention, sentence_attention: layers h → s, α, as `AttentionPooling`.
        dropout: the share of the word vectors, s_i and v that is left out in training.

    Shapes: ids (batch, sentences, words) → logits o (batch, classes); with
    attention=True also α_i (batch, sentences) and α_it, shaped as the ids. A sentence
    of filling has weight 0; a document of filling is a ValueError. No built-in.
    """

    PARTS = "word_encoder", "word_attention", "sentence_encoder", "sentence_attention"

    def __init__(self, words, width, classes, *parts, dropout=0.0, **kwargs):
        parts += tuple(kwargs.pop(name, None) for name in self.PARTS[len(parts) :])
        super().__init__(**kwargs)
        self.sizes = positive(words=words, width=width, classes=classes)
        words, width, classes = self.sizes.values()
        if not hasattr(dropout, "__float__") or not 0 <= dropout <= 1:
            raise ValueError(f"dropout must be between 0 and 1, got {dropout!r}.")
        for name, part in zip(self.PARTS, parts, strict=True):
            check_part(name, part, "call")
            setattr(self, name, part)
        own = {"dtype": self.dtype_policy}
        self.embedding = keras.layers.Embedding(words, width, **own)
        self.drop = keras.layers.Dropout(dropout, **own)
        self.V = keras.layers.Dense(classes, **own)

    def call(self, ids, training=None, attention=False):
        real = ops.not_equal(refuse_empty(ids), 0)
        batch, sentences, time = ops.shape(ids)
        rows = batch * sentences, time  # all sentences side by side
        x = self.drop(self.embedding(ops.reshape(ids, rows)))
        h = self.word_encoder(x, mask=ops.reshape(real, rows))
        s, alpha_w = self.word_attention(h, mask=ops.reshape(real, rows))
        s = self.drop(ops.reshape(s, (batch, sentences, s.shape[-1])))
        h = self.sentence_encoder(s, mask=ops.any(real, axis=-1))
        v, alpha_s = self.sentence_attention(h, mask=ops.any(real, axis=-1))
        o = self.V(self.drop(v))
        return (o, alpha_s, ops.reshape(alpha_w, ops.shape(ids))) if attention else o

    def fit(self, x=None, *args, **kwargs):
        return super().fit(refuse_empty(x), *args, **kwargs)

    def evaluate(self, x=None, *args, **kwargs):
        return super().evaluate(refuse_empty(x), *args, **kwargs)

    def predict(self, x, *args, **kwargs):
        return super().predict(refuse_empty(x), *args, **kwargs)

    def get_config(self):
        parts = {name: getattr(self, name) for name in self.PARTS}
        parts = {k: keras.saving.serialize_keras_object(v) for k, v in parts.items()}
        own = {**self.sizes, "dropout": self.drop.rate}
        return {**super().get_config(), **own, **parts}

    @classmethod
    def from_config(cls, config):
        part = keras.saving.deserialize_keras_object
        parts = {name: part(config[name]) for name in cls.PARTS}
        return cls(**{**config, **parts})
