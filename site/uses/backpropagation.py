"""How backpropagation.py is used; the book shows what follows."""

import keras
import numpy as np

from utils.layers.backpropagation import CustomGradientLSTM

rng = np.random.default_rng(0)
x, y = rng.normal(size=(64, 10, 3)), rng.normal(size=(64, 1))
model = keras.Sequential([CustomGradientLSTM(16), keras.layers.Dense(1)])
model.compile("adam", "mse", jit_compile=True)  # XLA is what makes it fast on a CPU
model.fit(x, y, verbose=0)
