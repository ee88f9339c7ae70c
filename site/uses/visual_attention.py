"""How visual_attention.py is used; the book shows what follows."""

import keras
import numpy as np

from utils.layers.visual_attention import CaptionDecoder, Captioner, VisualAttention

rng = np.random.default_rng(0)
# what an encoder saw at 49 places of a picture, and captions; 1 is START, 2 is END
x, y = rng.normal(size=(16, 49, 32)), rng.integers(3, 20, (16, 6))
y[:, 0] = 1
decoder = CaptionDecoder(keras.layers.GRUCell(16), VisualAttention(8))
model = Captioner(20, 8, 16, decoder)
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit([x, y[:, :-1]], y[:, 1:], verbose=0)
logits, alpha, beta = model([x, y[:, :-1]], attention=True)
