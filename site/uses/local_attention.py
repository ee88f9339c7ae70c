"""How local_attention.py is used; the book shows what follows."""

import keras
import numpy as np

from utils.layers.attention import AdditiveAttention
from utils.layers.local_attention import CountingDecoder, LocalAttention, spread

rng = np.random.default_rng(0)
# a decoder over y that looks at the states h of a source, three to each side
y, h = rng.normal(size=(4, 5, 3)), rng.normal(size=(4, 9, 8))
window = LocalAttention(AdditiveAttention(8), window=3)
decoder = CountingDecoder(keras.layers.GRUCell(16), window)
o, found = decoder(keras.ops.convert_to_tensor(y), keras.ops.convert_to_tensor(h))
alpha, p = spread(found, 9)
print(o.shape, alpha.shape)  # (4, 5, 16) (4, 5, 9): weights, 0 outside of the window
