"""How lstm.py is used; the book shows what follows."""

import keras
import numpy as np

from utils.layers.lstm import LSTM

rng = np.random.default_rng(0)
x, y = rng.normal(size=(64, 10, 3)), rng.normal(size=(64, 1))
model = keras.Sequential([LSTM(16, forget_bias=2.0), keras.layers.Dense(1)])
model.compile("adam", "mse")
model.fit(x, y, verbose=0)
