"""Gradients on whichever backend Keras runs; the only file that names one.

Functions and arrays go in and out as NumPy; what is differentiated is written with
`keras.ops`.
"""

import keras
import numpy as np
from keras import ops


def gradient(f, x):
    """∂f/∂x of a function with one number as its value.

    Args:
        f: takes a tensor shaped like `x`, returns a scalar tensor.
        x: array of floats.

    Returns:
        Array of the shape of `x`.
    """
    return _by_backend(
        lambda tf: _tf_gradient(tf, f, x),
        lambda jax: jax.grad(f)(jax.numpy.asarray(x)),
        lambda torch: _torch_gradient(torch, f, x),
    )


def jacobian(f, x):
    """∂f/∂x of a function with an array as its value.

    Args:
        f: takes a tensor shaped like `x`, returns a tensor.
        x: array of floats.

    Returns:
        Array of shape `f(x).shape + x.shape`: entry [i…, j…] is ∂f_i/∂x_j.
    """
    return _by_backend(
        lambda tf: _tf_jacobian(tf, f, x),
        lambda jax: jax.jacrev(f)(jax.numpy.asarray(x)),
        lambda torch: torch.autograd.functional.jacobian(f, _torch_tensor(torch, x)),
    )


def influence(layer, x):
    """How strongly input s moves output t: ‖∂o_t/∂x_s‖ for one sequence.

    Args:
        layer: maps (1, time, features) to (1, time, units).
        x: (time, features).

    Returns:
        (time, time): row t is the output's step, column s is the input's; the
        Frobenius norm of each block of the Jacobian. Exactly 0 where there is no path.
    """
    blocks = jacobian(lambda x: layer(x[None])[0], x)
    return np.sqrt((blocks**2).sum(axis=(1, 3)))


def norm_against_lag(cell, x, state=0, seed=0):
    """How much of the gradient is left k steps back: ‖∇_{h(T−k)} L‖ for every lag k.

    L = v · h(T), with a random unit vector v for each sequence, so that the norm at
    lag 0 is 1. Each state h(t) gets a nudge e(t) = 0 added; ∂L/∂e(t) is then ∇_{h(t)} L
    with all the paths through later steps in it.

    Args:
        cell: a recurrent cell, called as `cell(x, states)`.
        x: (batch, time, features).
        state: which of the cell's states; 1 is the cell state C of an LSTM.
        seed: for v.

    Returns:
        (time,): mean over the batch of the norm at lag 0, 1, …, time − 1.
    """
    x = np.asarray(x)
    sizes = cell.state_size
    sizes = [sizes] if isinstance(sizes, int) else list(sizes)
    layer = keras.layers.RNN(_Nudged(cell, x.shape[-1], state), dtype=x.dtype.name)
    v = np.random.default_rng(seed).normal(size=(len(x), sizes[state])).astype(x.dtype)
    v /= np.linalg.norm(v, axis=-1, keepdims=True)

    def loss(nudges):
        inputs = ops.concatenate([ops.convert_to_tensor(x), nudges], axis=-1)
        return ops.sum(ops.convert_to_tensor(v) * layer(inputs))

    zeros = np.zeros((*x.shape[:2], sizes[state]), x.dtype)
    layer(np.concatenate([x, zeros], axis=-1))  # builds the weights outside the trace
    # in float32 the squares of small gradients would be 0, and those of large ones inf
    norms = np.linalg.norm(gradient(loss, zeros).astype("float64"), axis=-1)
    return norms.mean(axis=0)[::-1]


class _Nudged(keras.layers.Layer):
    """A cell that adds the last features of its input to one of its states."""

    def __init__(self, cell, features, state):
        super().__init__(dtype=cell.dtype_policy)
        self.cell, self.features, self.nudged = cell, features, state
        self.state_size = cell.state_size

    def build(self, input_shape):
        if not self.cell.built:
            self.cell.build((*input_shape[:-1], self.features))

    def call(self, inputs, states):
        x, nudge = inputs[..., : self.features], inputs[..., self.features :]
        _, states = self.cell(x, states)
        states = list(states) if isinstance(states, (list, tuple)) else [states]
        states[self.nudged] = states[self.nudged] + nudge
        return states[self.nudged], states


def _by_backend(tensorflow, jax, torch):
    name = keras.backend.backend()
    if name == "tensorflow":
        import tensorflow as module

        value = tensorflow(module)
    elif name == "jax":
        import jax as module

        value = jax(module)
    else:
        import torch as module

        value = torch(module)
    return ops.convert_to_numpy(value)


def _tf_gradient(tf, f, x):
    x = tf.convert_to_tensor(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return tape.gradient(y, x, unconnected_gradients="zero")


def _tf_jacobian(tf, f, x):
    x = tf.convert_to_tensor(x)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = f(x)
    return tape.jacobian(
        y, x, unconnected_gradients="zero", experimental_use_pfor=False
    )


def _torch_gradient(torch, f, x):
    # not torch.func.grad, which cannot differentiate `keras.ops.custom_gradient`
    x = _torch_tensor(torch, x).requires_grad_()
    (found,) = torch.autograd.grad(f(x), x, materialize_grads=True)
    return found


def _torch_tensor(torch, x):
    return torch.as_tensor(x, device=keras.src.backend.torch.core.get_device())
