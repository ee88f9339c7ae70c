"""How attention.py is used; the book shows what follows."""

import keras
import numpy as np

from utils.layers.attention import AdditiveAttention, AttentionDecoder

rng = np.random.default_rng(0)
# a decoder over y that looks at the states h of a source
y, h = rng.normal(size=(4, 5, 3)), rng.normal(size=(4, 9, 8))
decoder = AttentionDecoder(keras.layers.GRUCell(16), AdditiveAttention(8))
o, alpha = decoder(keras.ops.convert_to_tensor(y), keras.ops.convert_to_tensor(h))
print(o.shape, alpha.shape)  # (4, 5, 16) (4, 5, 9): a row of weights an output
