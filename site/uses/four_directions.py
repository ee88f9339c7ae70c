"""How four_directions.py is used; the book shows what follows."""

import keras
import numpy as np

from utils.layers.four_directions import FourDirectionRNN, ReNet

rng = np.random.default_rng(0)
# an output for each pixel of an image
x, y = rng.normal(size=(8, 6, 6, 3)), rng.normal(size=(8, 6, 6, 1))
cross = FourDirectionRNN(keras.layers.GRUCell(4))
model = keras.Sequential([cross, ReNet(keras.layers.GRUCell(4)), keras.layers.Dense(1)])
model.compile("adam", "mse")
model.fit(x, y, verbose=0)
