"""How hierarchical_attention.py is used; the book shows what follows."""

import keras
import numpy as np

from utils.layers.hierarchical_attention import (
    AttentionPooling,
    HierarchicalAttentionNetwork,
)

rng = np.random.default_rng(0)
# 16 documents of 5 sentences of 12 words; 0 fills up
ids, label = rng.integers(1, 100, (16, 5, 12)), rng.integers(0, 2, 16)
model = HierarchicalAttentionNetwork(
    100,
    8,
    2,
    keras.layers.GRU(8, return_sequences=True),
    AttentionPooling(8),
    keras.layers.GRU(8, return_sequences=True),
    AttentionPooling(8),
)
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(ids, label, verbose=0)
o, of_sentences, of_words = model(ids, attention=True)
