"""How bidirectional.py is used; the book shows what follows."""

import keras
import numpy as np

from utils.layers.bidirectional import BidirectionalRNN

rng = np.random.default_rng(0)
# an output for each step, that has seen both sides
x, y = rng.normal(size=(64, 10, 3)), rng.normal(size=(64, 10, 1))
both = BidirectionalRNN(keras.layers.GRUCell(16))
model = keras.Sequential([both, keras.layers.Dense(1)])
model.compile("adam", "mse")
model.fit(x, y, verbose=0)
