"""How recurrent.py is used; the book shows what follows."""

import keras
import numpy as np

from utils.layers.recurrent import SimpleCell

rng = np.random.default_rng(0)
x, y = rng.normal(size=(64, 10, 3)), rng.normal(size=(64, 1))
model = keras.Sequential([keras.layers.RNN(SimpleCell(16)), keras.layers.Dense(1)])
model.compile("adam", "mse")
model.fit(x, y, verbose=0)
