# Generated from chapters/A_backpropagation_through_time.ipynb: edit that, not this.

import keras
from keras import ops

from utils.layers.lstm import LSTM


def gates(a):
    """g, f, c and q from a, which holds the pre-activations in Keras's order."""
    a_g, a_f, a_c, a_q = ops.split(a, 4, axis=-1)
    g, f, q = map(ops.sigmoid, (a_g, a_f, a_q))
    return g, f, ops.tanh(a_c), q


def where(real, new, old):
    """`new` on real steps and `old` on masked ones; `real` is [mask], or [] for none."""
    return ops.where(real[0], new, old) if real else new


def at(t, arrays):
    """Step t of each array (time, …)."""
    return [ops.take(v, t, axis=0) for v in arrays]


def forward(x, h, C, U, W, b, real):
    """h and C after each step. Time comes first: (time, batch, …)."""
    a = ops.matmul(x, U) + b

    def step(states, t):
        (h, C), now = states, at(t, real)
        g, f, c, q = gates(ops.take(a, t, axis=0) + ops.matmul(h, W))
        C = where(now, f * C + g * c, C)
        h = where(now, q * ops.tanh(C), h)
        return (h, C), (h, C)

    # not over the arrays: on TensorFlow, scan takes one of unknown length at most
    return ops.scan(step, (h, C), ops.arange(ops.shape(x)[0]))[1]


def backward(dH, dC, H, C, x, h_0, C_0, U, W, b, real):
    """Gradients of x, h_0, C_0, U, W and b.

    Args:
        dH: what the loss says to h at each step.
        dC: what it says to C after the last step.
        H, C: what `forward` kept: h and C after each step.
    """
    h_before = ops.concatenate([h_0[None], H[:-1]])
    C_before = ops.concatenate([C_0[None], C[:-1]])
    g, f, c, q = gates(ops.matmul(x, U) + ops.matmul(h_before, W) + b)
    shown, back = ops.tanh(C), ops.transpose(W)
    slopes = [g * (1 - g) * c, f * (1 - f) * C_before, g * (1 - c * c)]
    slope_C, slope_q = q * (1 - shown * shown), q * (1 - q) * shown

    each = dH, f, *slopes, slope_C, slope_q

    def step(after, t):
        (dh, dC, _), now = after, at(t, real)
        loss, keep, s_g, s_f, s_c, s_C, s_q = at(t, each)
        dh = loss + dh
        dC_now = s_C * dh + dC
        da = [s_g * dC_now, s_f * dC_now, s_c * dC_now, s_q * dh]
        da = ops.concatenate(da, axis=-1)
        da = where(now, da, ops.zeros_like(da))
        dC = where(now, keep * dC_now, dC)
        dh = where(now, ops.matmul(da, back), dh)
        return (dh, dC, da), (dh, dC, da)

    end = ops.zeros_like(h_0), dC, ops.zeros_like(ops.matmul(h_0, W))
    times = ops.arange(ops.shape(x)[0])
    (dh, dC, _), (_, _, da) = ops.scan(step, end, times, reverse=True)
    dx = ops.matmul(da, ops.transpose(U))
    da = ops.reshape(da, (-1, ops.shape(da)[-1]))  # all steps of all sequences
    rows = [ops.reshape(v, (-1, v.shape[-1])) for v in (x, h_before)]
    dU, dW = (ops.matmul(ops.transpose(v), da) for v in rows)
    return dx, dh, dC, dU, dW, ops.sum(da, axis=0)


@keras.saving.register_keras_serializable("rnn_course")
class CustomGradientLSTM(LSTM):
    """`LSTM` of chapter 4.3.1, differentiated by hand (appendix A; Werbos 1990).

    Forward it keeps h and C of each step and nothing else. The backward pass works the
    gates out again, runs the recursion, and makes one product for all steps of it:

        δh = loss + Wᵀ δa'
        δC = q ⊙ (1 − tanh² C) ⊙ δh + f' ⊙ δC', with a dash for the step after
        δU = Σ δa xᵀ, δW = Σ δa hᵀ, δb = Σ δa, over all steps

    Args:
        units, forget_bias, recurrent_initializer, kwargs: those of `LSTM`, but
            `unroll` changes nothing.

    Shapes: x (batch, time, features), mask (batch, time), initial_state [h, C] → h of
    the last step (batch, units), or of all steps (batch, time, units).
    Equal to `keras.layers.LSTM(units)`, gradients and all. A masked step repeats h, also
    before the first real one. On PyTorch a second derivative is wrong, without a word.

    Raises:
        ValueError: as in `LSTM`.
    """

    def inner_loop(self, sequences, initial_state, mask, training=False):
        arrays = [sequences] if mask is None else [sequences, mask[..., None]]
        if self.go_backwards:
            arrays = [ops.flip(v, axis=1) for v in arrays]
        x, *real = [ops.swapaxes(v, 0, 1) for v in arrays]

        @ops.custom_gradient
        def run(*inputs):
            H, C = forward(*inputs, real)

            def gradient(*args, upstream=None):
                d = args[0] if upstream is None else upstream  # PyTorch names it
                return backward(d[:-1], d[-1], H, C, *inputs, real)

            return ops.concatenate([H, C[-1:]]), gradient  # one array, for PyTorch

        weights = self.cell.kernel, self.cell.recurrent_kernel, self.cell.bias
        # a copy, since TensorFlow wants no variables in here
        found = run(x, *initial_state, *map(ops.copy, weights))
        H, h, C = found[:-1], found[-2], found[-1]
        if self.zero_output_for_mask:
            H = where(real, H, ops.zeros_like(H))
        return H[-1], ops.swapaxes(H, 0, 1), [h, C]
