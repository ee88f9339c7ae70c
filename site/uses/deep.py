"""How deep.py is used; the book shows what follows."""

import keras
import numpy as np

from utils.layers.deep import DeepTransitionCell, StackedRNN

rng = np.random.default_rng(0)
x, y = rng.normal(size=(64, 10, 3)), rng.normal(size=(64, 1))
# two layers, the upper one of which sees the input too; then a step that is deep itself
cells = [keras.layers.GRUCell(16), keras.layers.GRUCell(16)]
stack = StackedRNN(cells, input_skips=True, return_sequences=True)
deep = keras.layers.RNN(DeepTransitionCell(16, depths=(1, 2, 1), shortcut="identity"))
model = keras.Sequential([stack, deep, keras.layers.Dense(1)])
model.compile("adam", "mse")
model.fit(x, y, verbose=0)
