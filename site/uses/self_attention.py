"""How self_attention.py is used; the book shows what follows."""

import keras
import numpy as np

from utils.layers.self_attention import PositionEmbedding, SelfAttention

rng = np.random.default_rng(0)
# every step looks at itself and at those before it
x = keras.ops.convert_to_tensor(rng.normal(size=(4, 9, 8)))
c, alpha = SelfAttention(units=8, causal=True)(PositionEmbedding(longest=9)(x))
print(c.shape, alpha.shape)  # (4, 9, 8) (4, 9, 9)
