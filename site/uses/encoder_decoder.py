"""How encoder_decoder.py is used; the book shows what follows."""

import keras
import numpy as np

from utils.layers.encoder_decoder import BeamSearch, Decoder, Encoder, EncoderDecoder

rng = np.random.default_rng(0)
# 0 fills up, 1 is START, 2 is END; the target is moved on by one
x, y = rng.integers(3, 12, (64, 7)), rng.integers(3, 15, (64, 5))
y[:, 0] = 1
reader = keras.layers.GRU(16, return_sequences=True, return_state=True)
decoder = Decoder(keras.layers.GRUCell(16), context="both")
model = EncoderDecoder(12, 15, 8, Encoder(reader), decoder)
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile("adam", loss)
model.fit([x, y[:, :-1]], y[:, 1:], verbose=0)
written = BeamSearch(model, longest=6, width=4)(x[:2])
