"""Filling changes nothing, also where Keras does not hand the mask on by itself."""

import keras
import numpy as np
import pytest

from utils.layers.attention import AdditiveAttention, AttentionDecoder
from utils.layers.backpropagation import CustomGradientLSTM
from utils.layers.bidirectional import BidirectionalRNN
from utils.layers.deep import StackedRNN
from utils.layers.encoder_decoder import ContextSequence, Decoder, Encoder
from utils.layers.gated import Gated
from utils.layers.gru import GRU
from utils.layers.hierarchical_attention import AttentionPooling
from utils.layers.local_attention import (
    CountingDecoder,
    LocalAttention,
    PredictiveAttention,
)
from utils.layers.lstm import LSTM
from utils.layers.peepholes import PeepholeLSTM
from utils.layers.recurrent import SimpleCell
from utils.layers.self_attention import (
    AttentionBlock,
    PositionEmbedding,
    SelfAttention,
    SelfAttentionDecoder,
    SelfAttentionEncoder,
)
from utils.layers.visual_attention import CaptionDecoder, VisualAttention

# On JAX Keras repeats the first state at masked steps, whose size need not be that of
# the output: a stack needs zeros there, as its docstring says.
ZEROS = {"zero_output_for_mask": True}


def reading_itself(decoder):
    """A decoder whose target is its source too."""
    x = keras.Input((None, 3))
    return keras.Model(x, decoder(x, x)[0])


def repeating_itself(both_ways=False, sequence=None):
    """An encoder and a decoder of the same sequence."""
    x = keras.Input((None, 3))
    recurrent = keras.layers.GRU(5, return_sequences=True, return_state=True)
    recurrent = keras.layers.Bidirectional(recurrent) if both_ways else recurrent
    H, C = Encoder(recurrent, size=4)(x)
    C = ContextSequence(2, sequence)(H) if sequence else C
    return keras.Model(x, Decoder(keras.layers.GRUCell(5), "both")(x, C))


def looking_at_itself(layer):
    """The contexts of a layer of self-attention, without its weights."""
    x = keras.Input((None, 3))
    return keras.Model(x, layer(x)[0])


def starting_from_its_pooling(pooling):
    """A GRU over a sequence, whose first state is the pooled sequence."""
    x = keras.Input((None, 3))
    return keras.Model(x, GRU(3, return_sequences=True)(x, initial_state=pooling(x)[0]))


LAYERS = {
    "AttentionBlock": lambda: looking_at_itself(AttentionBlock(4)),
    "AttentionDecoder": lambda: reading_itself(
        AttentionDecoder(keras.layers.GRUCell(5), AdditiveAttention(4))
    ),
    "AttentionPooling": lambda: starting_from_its_pooling(AttentionPooling(4)),
    "CaptionDecoder": lambda: reading_itself(
        CaptionDecoder(keras.layers.GRUCell(5), VisualAttention(4))
    ),
    "BidirectionalRNN": lambda: BidirectionalRNN(SimpleCell(5)),
    "StackedRNN": lambda: StackedRNN(
        [SimpleCell(5), SimpleCell(4)], return_sequences=True, **ZEROS
    ),
    "Encoder, Decoder": repeating_itself,
    "Encoder both ways, queries": lambda: repeating_itself(True, "queries"),
    "Encoder, last states": lambda: repeating_itself(False, "last"),
    "Gated": lambda: Gated(5, return_sequences=True),
    "Gated, parts missing": lambda: Gated(
        5, without=("W_c", "q"), return_sequences=True
    ),
    "GRU": lambda: GRU(5, return_sequences=True),
    "GRU, reset after": lambda: GRU(5, True, return_sequences=True),
    "CountingDecoder, LocalAttention": lambda: reading_itself(
        CountingDecoder(
            keras.layers.GRUCell(5), LocalAttention(AdditiveAttention(4), 2)
        )
    ),
    "LSTM": lambda: LSTM(5, return_sequences=True),
    "CustomGradientLSTM": lambda: CustomGradientLSTM(5, return_sequences=True),
    "PeepholeLSTM": lambda: PeepholeLSTM(5, return_sequences=True),
    "PredictiveAttention": lambda: reading_itself(
        AttentionDecoder(
            keras.layers.GRUCell(5), PredictiveAttention(AdditiveAttention(4), 2, 3)
        )
    ),
    "SelfAttention": lambda: looking_at_itself(SelfAttention(5, 4)),
    "PositionEmbedding": lambda: PositionEmbedding(9),
    "SelfAttentionDecoder": lambda: reading_itself(SelfAttentionDecoder(9, 5)),
    "SelfAttentionEncoder": lambda: SelfAttentionEncoder(9, 5),
}


@pytest.fixture(params=["as installed", "as in Keras 3.16"])
def keras_of(request, monkeypatch):
    """Keras as it is, and with `supports_masking` off in `RNN`, as from 3.16 on."""
    if request.param == "as in Keras 3.16":
        real = keras.layers.RNN.__init__

        def init(self, *args, **kwargs):
            real(self, *args, **kwargs)
            self.supports_masking = False

        monkeypatch.setattr(keras.layers.RNN, "__init__", init)


@pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS)
def test_filling_changes_neither_loss_nor_metric(make, keras_of):
    keras.utils.set_random_seed(0)
    layers = [
        keras.Input((None,), dtype="int32"),
        keras.layers.Embedding(5, 3, mask_zero=True),
        make(),
        keras.layers.Dense(2),
    ]
    model = keras.Sequential(layers)
    model.compile("sgd", "mse", weighted_metrics=["mae"])
    rng = np.random.default_rng(0)
    x, y = rng.integers(1, 5, (4, 6)), rng.normal(size=(4, 6, 2))
    filled = np.pad(x, ((0, 0), (0, 3)))
    wrong = np.pad(y, ((0, 0), (0, 3), (0, 0)), constant_values=100)
    measured = [
        model.evaluate(*pair, verbose=0, return_dict=True)
        for pair in ((x, y), (filled, wrong))
    ]
    for name, value in measured[0].items():
        assert measured[1][name] == pytest.approx(value, rel=1e-5), name
