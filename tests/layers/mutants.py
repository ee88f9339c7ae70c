# ruff: noqa: E501
"""The ways in which each layer is broken, written from the layers alone.

module → [(what is broken, the text in utils/layers, what stands there instead, why the
layer is the same all the same, if it is)]. `mutations.py` runs the tests on each.
"""

UNITS = ("units are not checked", "units < 1", "units < -9")
# what a check of sizes may let through, where the module has one such line
SIZES = [
    UNITS,
    (
        "True is a size",
        '"int" not in type(units).__name__',
        "not isinstance(units, int)",
    ),
    ("units stay NumPy's", "int(units)", "units"),
]
MUTANTS = {
    "recurrent": [
        ("no bias", "a = b + ops.matmul(h, W)", "a = ops.matmul(h, W)"),
        ("W transposed", "ops.matmul(h, W)", "ops.matmul(h, ops.transpose(W))"),
        ("units permuted", "ops.matmul(x, U)", "ops.matmul(x, ops.flip(U, 1))"),
        ("no tanh", "h = ops.tanh(a)", "h = a"),
        ("a sigmoid", "h = ops.tanh(a)", "h = ops.sigmoid(a)"),
        ("the state stays", "return h, [h]", "return h, states"),
        ("the state is a", "return h, [h]", "return h, [a]"),
        ("the state is not read", " + ops.matmul(h, W)", ""),
        ("W starts otherwise", "initializer=self.recurrent_initializer,", ""),
        ("another default", '="orthogonal"', '="glorot_uniform"'),
        ("the bias starts at 1", '"zeros"', '"ones"'),
        ("config without initializer", ', "recurrent_initializer": initializer', ""),
        *SIZES,
        ("no message", 'f"units must be a positive integer, got {units!r}."', ""),
    ],
    "bidirectional": [
        ("g not turned around", "g = ops.flip(g, axis=1)", "g = g"),
        ("both directions forward", "go_backwards=True, ", ""),
        ("g stands first", "ops.concatenate([h, g]", "ops.concatenate([g, h]"),
        ("g is not seen", "ops.concatenate([h, g]", "ops.concatenate([h, h]"),
        (
            "mask dropped",
            "self.to_past(x, mask=mask, ",
            "self.to_past(x, ",
        ),
        (
            "mask dropped on the way to the future",
            "self.to_future(x, mask=mask, ",
            "self.to_future(x, ",
        ),
        (
            "the states of h for g",
            "(states[:count], states[count:])",
            "(states[:count], states[:count])",
        ),
        (
            "states in the wrong order",
            "[o, *h_states, *g_states]",
            "[o, *g_states, *h_states]",
        ),
        (
            "mask not handed on",
            "self.supports_masking = True",
            "self.supports_masking = False",
        ),
        (
            "output repeated at the mask",
            '"zero_output_for_mask": True',
            '"zero_output_for_mask": False',
        ),
        ("a layer is taken for a cell", "if layer or isinstance", "if isinstance"),
        ("config without return_state", '"return_state": self.return_state', ""),
        ("the rank is not checked", "len(input_shape) != 3", "False"),
        (
            "the states are not counted",
            "not (in_list and len(states) == count)",
            "not in_list",
        ),
        ("a class is taken for a cell", "or isinstance(cell, type) ", ""),
        ("any object is a cell", 'or not hasattr(cell, "state_size")', ""),
        (
            "one tensor is a list of states",
            "not (in_list and len(states) == count)",
            "len(states) != count",
        ),
        (
            "the directions are not said",
            "tensors (batch, n){which}",
            "tensors (batch, n)",
        ),
    ],
    "deep": [
        (
            "the lowest state is the output",
            "below, own = cell(below, own)",
            "below, own = cell(below, own)\n            below = outputs[0] if outputs"
            " else below",
        ),
        ("new states in another order", "new.extend(own if", "new[:0] = (own if"),
        (
            "input skips reversed",
            "ops.concatenate([x, below], axis=-1)",
            "ops.concatenate([below, x], axis=-1)",
        ),
        (
            "outputs reversed",
            "ops.concatenate(outputs, axis=-1)",
            "ops.concatenate(outputs[::-1], axis=-1)",
        ),
        ("config without output_skips", ', "output_skips": self.output_skips}', "}"),
        (
            "the size of the output",
            "sum(widths) if output_skips else widths[-1]",
            "widths[-1]",
        ),
        ("no input MLP", "x = ops.tanh(U(x))", "x = U(x)"),
        ("no tanh between", "a = W(ops.tanh(a))", "a = W(a)"),
        (
            "no bias",
            "a = self.bias + ops.matmul(h, self.recurrent_kernel)",
            "a = ops.matmul(h, self.recurrent_kernel)",
        ),
        (
            "the shortcut after tanh",
            'o = h = ops.tanh(a) + (h if self.shortcut == "identity" else 0)',
            'o = h = ops.tanh(a + (h if self.shortcut == "identity" else 0))',
        ),
        (
            "the weighted shortcut transposed",
            "ops.matmul(h, self.shortcut_kernel)",
            "ops.matmul(h, ops.transpose(self.shortcut_kernel))",
        ),
        (
            "the output's MLP feeds the state",
            "o = ops.tanh(V(o))",
            "o = h = ops.tanh(V(o))",
        ),
        (
            "the Dense layers start otherwise",
            '{"kernel_initializer": "orthogonal", ',
            "{",
        ),
        ("a weighted shortcut without depth", "counts[1] == 1", "False"),
        (
            "mask not handed on",
            "self.supports_masking = True  # from",
            "self.supports_masking = False  # from",
        ),
        (
            "True is a size",
            '"int" in type(n).__name__ and n > 0',
            'hasattr(n, "__index__") and n > 0',
        ),
        ("0 is a size", "type(n).__name__ and n > 0", "type(n).__name__ and n > -1"),
        ("units stay NumPy's", "return int(units), ", "return units, "),
        ("depths stay NumPy's", "[int(n) for n in counts]", "counts"),
        (
            "one cell is a stack",
            "not isinstance(cells, (list, tuple)) or not cells",
            "not cells",
        ),
    ],
    "four_directions": [
        (
            "columns are rows",
            "y = along_rows(rnn, ops.transpose(x, (0, 2, 1, 3)))\n"
            "    return ops.transpose(y, (0, 2, 1, 3))",
            "return along_rows(rnn, x)",
        ),
        (
            "down stands first",
            "ops.concatenate([across, down], axis=-1)",
            "ops.concatenate([down, across], axis=-1)",
        ),
        (
            "one RNN for both",
            "across = along_rows(self.right_and_left, x)",
            "across = along_rows(self.down_and_up, x)",
        ),
        (
            "rows before columns",
            "V = along_columns(self.vertical, x)\n"
            "        return along_rows(self.horizontal, V)",
            "V = along_rows(self.vertical, x)\n"
            "        return along_columns(self.horizontal, V)",
        ),
        (
            "patches mixed up",
            "x = ops.transpose(x, (0, 1, 3, 2, 4, 5))",
            "x = ops.transpose(x, (0, 1, 3, 4, 2, 5))",
        ),
        ("config without patch", ', "patch": self.patch', ""),
        (
            "another default patch",
            "def __init__(self, cell, patch=(1, 1)",
            "def __init__(self, cell, patch=(2, 2)",
        ),
        ("the patch need not divide", "rows % patch[0] or", "False or"),
        ("no rows are let through", " or 0 in shape[1:]", ""),
        ("True is a count", '"int" in type(n).__name__', 'hasattr(n, "__index__")'),
        (
            "the patch is not checked",
            "if not pair or not all(map(is_count, patch)):",
            "if False:",
        ),
        (
            "the output's width",
            "return (*input_shape[:3], 2 * n)",
            "return (*input_shape[:3], n)",
        ),
        (
            "the output's rows",
            "return batch, rows // p, columns // q, n",
            "return batch, rows, columns // q, n",
        ),
        (
            "the corners' width",
            "return (*input_shape[:3], 4 * self.units)",
            "return (*input_shape[:3], self.units)",
        ),
        (
            "dtype not handed on to ReNet's sweeps",
            "vertical, horizontal = (BidirectionalRNN(cell, dtype=dtype)",
            "vertical, horizontal = (BidirectionalRNN(cell)",
        ),
        (
            "the predecessor below",
            "[[0, 0], [1, 0], [0, 0], [0, 0]])[:, :-1]",
            "[[0, 0], [0, 1], [0, 0], [0, 0]])[:, 1:]",
        ),
        (
            "W₁ and W₂ swapped",
            "ops.concatenate([above, h], axis=-1)",
            "ops.concatenate([h, above], axis=-1)",
        ),
        (
            "no tanh",
            "h = ops.tanh(a + ops.reshape(into, (-1, self.state_size)))",
            "h = a + ops.reshape(into, (-1, self.state_size))",
        ),
        (
            "one corner not turned",
            "CORNERS = ((), (2,), (1,), (1, 2))",
            "CORNERS = ((), (2,), (1,), (1,))",
        ),
        ("not turned back", "turned = [mirrored(h, a) for", "turned = [h for"),
        ("no bias", "a = self.b + ops.einsum", "a = ops.einsum"),
        ("shape not checked", "if len(shape) != 4 or", "if False and"),
        (
            "units not in the config",
            'return {**super().get_config(), "units": self.units}',
            "return super().get_config()",
        ),
        ("0 is a count", "n >= 1", "n >= 0"),
        (
            "the sizes of a diagonal are not checked",
            "            if not is_count(n):",
            "            if False:",
        ),
        (
            "the sizes of a diagonal stay NumPy's",
            "self.rows, self.units = int(rows), int(units)",
            "self.rows, self.units = rows, units",
        ),
        (
            "the units stay NumPy's",
            "        self.units = int(units)",
            "        self.units = units",
        ),
    ],
    "lstm": [
        (
            "gates swapped",
            "a_g, a_f, a_c, a_q = ops.split",
            "a_q, a_f, a_c, a_g = ops.split",
        ),
        (
            "gate and candidate swapped",
            "a_g, a_f, a_c, a_q = ops.split",
            "a_c, a_f, a_g, a_q = ops.split",
        ),
        (
            "W transposed",
            "ops.matmul(h, W)",
            "ops.matmul(h, ops.reshape(ops.transpose(W), W.shape))",
        ),
        ("no bias", " + b\n", "\n"),
        ("the forget gate forgets g", "C = f * C + g * c", "C = (1 - g) * C + g * c"),
        ("no candidate tanh", "c = ops.tanh(a_c)", "c = a_c"),
        ("no tanh of C", "h = q * ops.tanh(C)", "h = q * C"),
        ("the old C", "return h, [h, C]", "return h, [h, states[1]]"),
        ("states swapped", "return h, [h, C]", "return h, [C, h]"),
        ("h without the gate", "h = q * ops.tanh(C)", "h = ops.tanh(C)"),
        (
            "the forget bias on g",
            "[0, self.forget_bias, 0, 0]",
            "[self.forget_bias, 0, 0, 0]",
        ),
        (
            "another forget bias",
            "self, units, forget_bias=1.0, recurrent_initializer="
            '"orthogonal", **kwargs\n    ):\n        super().__init__(**kwargs)',
            "self, units, forget_bias=0.0, recurrent_initializer="
            '"orthogonal", **kwargs\n    ):\n        super().__init__(**kwargs)',
        ),
        ("config without forget_bias", ', "forget_bias": self.forget_bias', ""),
        ("config without initializer", ', "recurrent_initializer": start', ""),
        ("the initializer is not used", ", initializer=start", ""),
        (
            "mask not handed on",
            "self.supports_masking = True",
            "self.supports_masking = False",
        ),
        ("dtype not handed on", ", dtype=dtype)", ")"),
        (
            "the rank is not checked",
            "self.input_spec = keras.layers.InputSpec(ndim=3)",
            "",
        ),
        *SIZES,
        ("the state is NumPy's", "[self.units] * 2", "[units] * 2"),
    ],
    "peepholes": [
        ("q sees the old C", "seen = C if", "seen = old if"),
        (
            "q sees C always",
            'seen = C if self.output_peephole == "current" else old',
            "seen = C",
        ),
        ("g sees nothing", "a_g + self.p_g * old", "a_g"),
        ("f sees g's", "a_f + self.p_f * old", "a_f + self.p_g * old"),
        ("f sees h", "a_f + self.p_f * old", "a_f + self.p_f * h"),
        (
            "gates swapped",
            "a_g, a_f, a_c, a_q = ops.split",
            "a_q, a_f, a_c, a_g = ops.split",
        ),
        ("no tanh of C", "h = q * ops.tanh(C)", "h = q * C"),
        ("the old C", "return h, [h, C]", "return h, [h, old]"),
        ("peepholes start at 0", "initializer=small", 'initializer="zeros"'),
        (
            "peepholes start larger",
            "RandomUniform(-0.1, 0.1)",
            "RandomUniform(-1.0, 1.0)",
        ),
        (
            "config without output_peephole",
            'return {**super().get_config(), "output_peephole": self.output_peephole}',
            "return super().get_config()",
        ),
        (
            "output_peephole not checked",
            'if output_peephole not in ("current", "previous"):',
            "if False:",
        ),
        (
            "the initializer is not handed on",
            '{"recurrent_initializer": recurrent_initializer}',
            "{}",
        ),
        (
            "mask not handed on",
            "self.supports_masking = True",
            "self.supports_masking = False",
        ),
        (
            "another forget bias",
            "        units,\n        forget_bias=1.0",
            "        units,\n        forget_bias=0.0",
        ),
    ],
    "gru": [
        ("z and 1 − z swapped", "h = z * h + (1 - z) * c", "h = (1 - z) * h + z * c"),
        ("gates swapped", "a_z, a_r, a_c = ops.split", "a_r, a_z, a_c = ops.split"),
        (
            "s swapped when after",
            "s_z, s_r, s_c = ops.split",
            "s_r, s_z, s_c = ops.split",
        ),
        ("reset after the product", "ops.matmul(r * h, W)", "r * ops.matmul(h, W)"),
        ("no reset", "ops.matmul(r * h, W)", "ops.matmul(h, W)"),
        ("no reset when after", "r * s_c if", "s_c if"),
        (
            "b′ outside of r",
            "s = ops.matmul(h, self.recurrent_kernel) + b_h",
            "s = ops.matmul(h, self.recurrent_kernel)",
        ),
        ("no candidate tanh", "c = ops.tanh(a_c +", "c = (a_c +"),
        (
            "the update bias on r",
            "[self.update_bias] * n + [0.0] * (2 * n)",
            "[0.0] * n + [self.update_bias] * n + [0.0] * n",
        ),
        ("the update bias twice", "[start, [0.0] * (3 * n)]", "[start, start]"),
        (
            "config without update_bias",
            '"units", "reset_after", "update_bias")',
            '"units", "reset_after")',
        ),
        ("config without initializer", ', "recurrent_initializer": W}', "}"),
        ("the cut is kept", "            self.cell.cut = None", "            pass"),
        (
            "the cut is not made",
            "self.cell.cut = self.cell.parts()  # once, not at every step",
            "pass",
            "it saves time only: the cell cuts by itself",
        ),
        (
            "mask not handed on",
            "self.supports_masking = True",
            "self.supports_masking = False",
        ),
        (
            "the rank is not checked",
            "self.input_spec = keras.layers.InputSpec(ndim=3)",
            "",
        ),
        *SIZES,
    ],
    "gated": [
        ("parts swapped", 'for part in "gfcq"', 'for part in "fgcq"'),
        ("C's activation is tanh", "h = q * self.activation(C)", "h = q * ops.tanh(C)"),
        ("the candidate's is tanh", 'self.activation(a["c"])', 'ops.tanh(a["c"])'),
        ("f is a sigmoid", 'self.gate(a["f"])', 'ops.sigmoid(a["f"])'),
        ("q is a sigmoid", 'self.gate(a["q"]) if', 'ops.sigmoid(a["q"]) if'),
        ("without q it is 0", 'if "q" in a else 1', 'if "q" in a else 0'),
        ("W is read all the same", 'if f"W_{part}" not in without', ""),
        ("the bias of g starts at 1", 'float(p == "f")', 'float(p == "g")'),
        ("the old C", "return h, [h, C]", "return h, [h, states[1]]"),
        ("W starts otherwise", '{"initializer": "orthogonal", ', "{"),
        ("config without without", ', "without": self.without}', "}"),
        (
            "config without gate",
            'for name in ("gate", "activation"):',
            'for name in ("activation",):',
        ),
        (
            "without is not checked",
            "any(p not in known for p in without)",
            "False",
        ),
        ("the name is not said", 'f"{argument} must be', 'f"it must be'),
        (
            "mask not handed on",
            "self.supports_masking = True",
            "self.supports_masking = False",
        ),
        (
            "the rank is not checked",
            "self.input_spec = keras.layers.InputSpec(ndim=3)",
            "",
        ),
        *SIZES,
        ("without may be a number", 'not hasattr(without, "__iter__") or ', ""),
        ("the state is NumPy's", "[self.units] * 2", "[units] * 2"),
    ],
    "encoder_decoder": [
        (
            "C is the first state",
            "ends = states[:: len(states) // 2] if self.both",
            "ends = states[:1] if self.both",
        ),
        (
            "mask dropped",
            "H, *states = self.recurrent(x, mask=mask)",
            "H, *states = self.recurrent(x)",
        ),
        (
            "filling attended to",
            "ops.softmax(ops.where(real[:, None], e, -3e4))",
            "ops.softmax(e)",
        ),
        (
            "filling has weight",
            "a = ops.where(real[:, None], ops.cast(a, H.dtype), 0)",
            "a = ops.cast(a, H.dtype)",
        ),
        (
            "the first k states",
            "ops.flip(ops.cumsum(ops.flip(here, 1), axis=1), 1)",
            "ops.cumsum(here, axis=1)",
        ),
        (
            "the last k in reverse",
            "ops.arange(self.k, 0, -1)",
            "ops.arange(1, self.k + 1)",
        ),
        (
            "no tanh at the start",
            'keras.layers.Dense(n, "tanh", dtype=own)',
            "keras.layers.Dense(n, dtype=own)",
        ),
        (
            "the start is 0",
            'first if self.context == "every_step" else self.project(C)',
            "first",
        ),
        (
            "C before y",
            "y = ops.concatenate([y, C], axis=-1)",
            "y = ops.concatenate([C, y], axis=-1)",
        ),
        (
            "the target's mask dropped",
            "self.recurrent(y, initial_state=s, mask=mask)",
            "self.recurrent(y, initial_state=s)",
        ),
        (
            "the source's filling is read",
            "H, C = self.encoder(self.of_source(x), mask=mask)",
            "H, C = self.encoder(self.of_source(x))",
        ),
        (
            "source and target swapped",
            "S = self.decoder(self.of_target(y)",
            "S = self.decoder(self.of_source(y)",
        ),
        ("greedy does not stop", "y = ops.where(ended, 0, best)", "y = best"),
        (
            "one symbol late",
            'best = ops.cast(ops.argmax(log_p[:, END:], axis=-1), "int32") + END',
            'best = ops.cast(ops.argmax(log_p[:, END:], axis=-1), "int32") + 1',
        ),
        (
            "a beam starts k times",
            "ops.where(ops.arange(k) == 0, 0.0, never)  # k times START is one",
            "ops.where(ops.arange(k) >= 0, 0.0, never)",
        ),
        (
            "the wrong parent",
            "row + best // ops.size(symbol)",
            "row + 0 * best // ops.size(symbol)",
        ),
        ("alpha is not used", " ** self.alpha", ""),
        (
            "config without context",
            'for name in ("encoder", "decoder", "context")',
            'for name in ("encoder", "decoder")',
        ),
        ("config without size", ', "size": self.size', ""),
        ("config without how", ', "how": self.how', ""),
        ("C of another size", "if numbers_of(C.shape) != size:", "if False:"),
        ("0 is a size", "__name__ or n < 1", "__name__ or n < 0"),
        (
            "True is a size of a model",
            'if "int" not in type(n).__name__',
            "if not isinstance(n, int)",
        ),
        ("sizes stay NumPy's", "{name: int(n) for name, n in sizes.items()}", "sizes"),
        ("a class is a part", "if isinstance(part, type) or not all", "if not all"),
        ("any object is a part", "or not all(hasattr(part, m) for m in methods)", ""),
        ("the size is not checked", "or size < 1", "or size < -9"),
        ("the size stays NumPy's", "size and int(size)", "size"),
        ("k is not checked", 'positive(k=k)["k"]', "k"),
        ("how is not checked", 'if how not in ("queries", "last"):', "if False:"),
        ("alpha is not checked", 'if not hasattr(alpha, "__float__"):', "if False:"),
        ("a decoder takes any cell", "        check_cell(self.cell)\n", ""),
        (
            "the encoder is not checked",
            '        check_part("encoder", self.encoder, "call")\n',
            "",
        ),
        (
            "the decoder is not checked",
            '        check_part("decoder", self.decoder, "start", "step")\n',
            "",
        ),
        (
            "the context is not checked",
            'check_part("context", self.context, "call")',
            "pass",
        ),
        ("the encoder's rank", "if len(x_shape) != 3:", "if False:"),
        ("the rank of H", "if len(H_shape) != 3:", "if False:"),
        (
            "greedy takes any model",
            'check_part("model", model, "begin", "step")\n        self.model, self.longest',
            "self.model, self.longest",
        ),
    ],
    "attention": [
        (
            "filling has weight",
            "alpha = ops.softmax(ops.where(mask, e, -1e9)) * ops.cast(mask, e.dtype)",
            "alpha = ops.softmax(e) * ops.cast(mask, e.dtype)",
        ),
        ("a row of filling has weights", " * ops.cast(mask, e.dtype)", ""),
        (
            "mask dropped",
            "return attend(e, h, mask)\n\n    def compute_mask(self, "
            "*args):\n        return None  # c and α are no sequences in time\n\n    def "
            'get_config(self):\n        return {**super().get_config(), "units": '
            "self.units}",
            "return attend(e, h)\n\n    def compute_mask(self, "
            "*args):\n        return None\n\n    def "
            'get_config(self):\n        return {**super().get_config(), "units": '
            "self.units}",
        ),
        (
            "no tanh",
            "e = ops.sum(self.v_a * ops.tanh(a), axis=-1)\n        return",
            "e = ops.sum(self.v_a * a, axis=-1)\n        return",
        ),
        ("not scaled", "h / self.n**0.5 if", "h if"),
        ("scaled by n", "self.n**0.5", "self.n"),
        (
            "W_a transposed",
            "ops.matmul(h, ops.transpose(self.W_a))",
            "ops.matmul(h, ops.reshape(self.W_a, self.W_a.shape[::-1]))",
        ),
        ("s and h swapped in concat", "self.W_a[self.n :]", "self.W_a[: h.shape[-1]]"),
        (
            "the state of another row",
            "c, alpha = self.attention(states[0], h, mask=mask, keys=keys)\n"
            "            s, states = self.cell(ops.concatenate([y, c], axis=-1), states)",
            "c, alpha = self.attention(ops.roll(states[0], 1, 0), h, mask=mask, keys=keys"
            ")\n            s, states = self.cell(ops.concatenate([y, c], axis=-1), "
            "states)",
        ),
        (
            "it attends with the old state",
            "s, states = self.cell(y, states)\n            c, alpha = self.attention(s,",
            "old = states[0]\n            s, states = self.cell(y, states)\n            "
            "c, alpha = self.attention(old,",
        ),
        (
            "c after y",
            "ops.concatenate([y, c], axis=-1)",
            "ops.concatenate([c, y], axis=-1)",
        ),
        ("no tanh of o", 'n, "tanh", use_bias=False', "n, use_bias=False"),
        (
            "s is fed instead of o",
            "return ops.concatenate([o, alpha], axis=-1), "
            "states + [o] * self.input_feeding",
            "return ops.concatenate([o, alpha], axis=-1), "
            "states + [s] * self.input_feeding",
        ),
        (
            "the source's mask dropped",
            "self.cell.memory = h, self.keys(h), h_mask",
            "self.cell.memory = h, self.keys(h), None",
        ),
        (
            "the target's mask dropped",
            "initial_state=initial_state, mask=y_mask",
            "initial_state=initial_state",
        ),
        (
            "the memory is kept",
            "finally:\n            self.cell.memory = None\n        n = "
            "self.cell.output_size\n        return ops.reshape",
            "finally:\n            pass\n        n = "
            "self.cell.output_size\n        return ops.reshape",
        ),
        ("config without order", '"order": self.cell.order, ', ""),
        ("config without score", '"score": self.score, ', ""),
        (
            "another order",
            'order="attend_first", input_feeding=False, **kwargs',
            'order="update_first", input_feeding=False, **kwargs',
        ),
        ("the batches are not compared", "y_shape[0] != h_shape[0]:", "False:"),
        (
            "the source's filling is read",
            "h, C = self.encoder(self.of_source(x), mask=mask)",
            "h, C = self.encoder(self.of_source(x))",
        ),
        (
            "scores in half precision",
            'if keras.backend.standardize_dtype(e.dtype) == "float16":',
            "if False:",
        ),
        (
            "units of additive attention",
            'raise ValueError(f"units must be a positive integer, got {units!r}.")\n        self.units = int(units)',
            "pass\n        self.units = int(units)",
        ),
        (
            "additive units stay NumPy's",
            "        self.units = int(units)",
            "        self.units = units",
        ),
        (
            "units without concat",
            'if score != "concat" and units is not None:',
            "if False:",
        ),
        ("concat without units", 'if score == "concat" and (', "if False and ("),
        ("concat's units stay NumPy's", "units and int(units)", "units"),
        ("the score is not checked", "if score not in self.SCORES:", "if False:"),
        ("the cell is not checked", "        check_cell(cell)\n", ""),
        (
            "the attention is not checked",
            '        check_part("attention", attention, "keys")\n',
            "",
        ),
        (
            "the states are not counted",
            "        check_states(initial_state, len(self.cell.state_size))\n",
            "",
        ),
        (
            "the ranks of a score",
            "if len(s_shape) != 2 or len(h_shape) != 3:",
            "if False:",
        ),
        (
            "the ranks of a decoder",
            "if len(y_shape) != 3 or len(h_shape) != 3:",
            "if False:",
        ),
        (
            "the encoder is not checked",
            '        check_part("encoder", encoder, "call")\n',
            "",
        ),
        (
            "the decoder is not checked",
            '        check_part("decoder", decoder, "cell", "keys", "step")\n',
            "",
        ),
        (
            "the sizes are not checked",
            "positive(source=source, target=target, width=width)",
            '{"source": source, "target": target, "width": width}',
        ),
    ],
    "visual_attention": [
        ("no gate", "z = beta * context", "z = context"),
        ("the gate is a tanh", "beta = ops.sigmoid(", "beta = ops.tanh("),
        (
            "the gate has no bias",
            "ops.matmul(h, self.w_beta) + self.b_beta",
            "ops.matmul(h, self.w_beta)",
        ),
        (
            "the gate's bias starts at 1",
            '(1,), "zeros", name="b_beta"',
            '(1,), "ones", name="b_beta"',
        ),
        (
            "mask dropped",
            "super().call(h, a, mask, keys)",
            "super().call(h, a, None, keys)",
        ),
        (
            "it looks with the new state",
            "z, alpha, beta = self.attention(states[0], a, mask=mask, keys=keys)\n"
            "        h, states = self.cell(ops.concatenate([y, z], axis=-1), states)",
            "z, alpha, beta = self.attention(states[0], a, mask=mask, keys=keys)\n"
            "        h, states = self.cell(ops.concatenate([y, z], axis=-1), states)\n"
            "        z, alpha, beta = self.attention(h, a, mask=mask, keys=keys)",
        ),
        ("o without y", "o = ops.tanh(y + ", "o = ops.tanh("),
        ("o without z", " + ops.matmul(z, self.L_z)", ""),
        (
            "no tanh of o",
            "o = ops.tanh(y + ops.matmul(h, self.L_h) + ops.matmul(z, self.L_z))",
            "o = y + ops.matmul(h, self.L_h) + ops.matmul(z, self.L_z)",
        ),
        (
            "α and β mixed up",
            "return o, found[..., d:-1], found[..., -1]",
            "return o, found[..., d + 1 :], found[..., d]",
        ),
        (
            "the picture's mask dropped",
            "self.cell.memory = a, self.keys(a), a_mask",
            "self.cell.memory = a, self.keys(a), None",
        ),
        (
            "the caption's mask dropped",
            "initial_state=initial_state, mask=y_mask",
            "initial_state=initial_state",
        ),
        (
            "the start is of the first vector",
            "states[0] = self.P(ops.mean(a, axis=1))",
            "states[0] = self.P(a[:, 0])",
        ),
        (
            "no relu",
            'keras.layers.Dense(annotation, "relu", **own)',
            "keras.layers.Dense(annotation, **own)",
        ),
        ("another start", 'start="mean", **kwargs', 'start="zero", **kwargs'),
        ("filling covers", "ops.sum(alpha * real, axis=1)", "ops.sum(alpha, axis=1)"),
        ("END covers", "real = real * ops.cast(inputs[1] != END, alpha.dtype)", ""),
        ("λ is not used", 'self.own["doubly"] * ops.mean(a_word)', "ops.mean(a_word)"),
        ("the goal is not kept", '"goal": goal}', '"goal": 1.0}'),
        ("no annotation vector", "if a_shape[1] == 0:", "if False:"),
        ("the batches are not compared", "y_shape[0] != a_shape[0]:", "False:"),
        ("the cell is not checked", "        check_cell(cell)\n", ""),
        (
            "the attention is not checked",
            '        check_part("attention", attention, "keys")\n',
            "",
        ),
        (
            "the states are not counted",
            "        check_states(initial_state, len(self.cell.state_size))\n",
            "",
        ),
        (
            "the ranks of a look",
            "if len(h_shape) != 2 or len(a_shape) != 3:",
            "if False:",
        ),
        (
            "the ranks of a decoder",
            "if len(y_shape) != 3 or len(a_shape) != 3:",
            "if False:",
        ),
        (
            "the decoder is not checked",
            '        check_part("decoder", decoder, "cell", "keys", "step")\n',
            "",
        ),
        (
            "the sizes are not checked",
            "positive(words=words, width=width, annotation=annotation)",
            '{"words": words, "width": width, "annotation": annotation}',
        ),
        ("the start is not checked", 'if start not in ("mean", "zero"):', "if False:"),
        ("λ is not checked", 'if not hasattr(doubly, "__float__"):', "if False:"),
        (
            "the goal is not checked",
            'if goal != "share" and not hasattr(goal, "__float__"):',
            "if False:",
        ),
    ],
    "local_attention": [
        (
            "one step late",
            'ops.floor(p + 0.5), "int32")[:, None]',
            'ops.floor(p + 1.5), "int32")[:, None]',
        ),
        ("p cut off", 'ops.floor(p + 0.5), "int32")', 'ops.floor(p), "int32")'),
        ("a smaller window", "ops.arange(-D, D + 1)", "ops.arange(-D, D)"),
        (
            "the border counts twice",
            "real = at == t if mask is None else (at == t) & gather(mask, at)",
            "real = at == at if mask is None else gather(mask, at)",
        ),
        ("mask dropped", "(at == t) & gather(mask, at)", "(at == t)"),
        ("other keys", "keys=gather(keys, at)", "keys=gather(keys, at * 0)"),
        (
            "the slope is not used",
            "self.slope * ops.cast(self.i[:, 0], h.dtype)",
            "ops.cast(self.i[:, 0], h.dtype)",
        ),
        (
            "no Gaussian",
            "alpha = alpha * ops.exp(-((distance / (self.window / 2)) ** 2) / 2)",
            "alpha = alpha * 1.0",
        ),
        ("σ is D", "(distance / (self.window / 2))", "(distance / self.window)"),
        (
            "the Gaussian around [p]",
            "ops.cast(t, p.dtype) - p[:, None]",
            "ops.cast(t, p.dtype) - ops.floor(p + 0.5)[:, None]",
        ),
        ("renormalised always", "if self.renormalise:", "if True:"),
        (
            "S counts filling",
            "S = ops.max(ops.where(mask, ops.arange(1, S + 1), 0), axis=1)",
            'S = S + 0 * ops.max(ops.cast(mask, "int32"), axis=1)',
        ),
        (
            "no tanh",
            "self.v_p * ops.tanh(ops.matmul(s, self.W_p))",
            "self.v_p * ops.matmul(s, self.W_p)",
        ),
        (
            "the count starts at 1",
            "self.attention.i = i\n",
            "self.attention.i = i + 1\n",
        ),
        ("the count stays", "[*states, i + 1]", "[*states, i]"),
        ("config without slope", ', "slope": self.slope}', "}"),
        ("config without renormalise", ', "renormalise": self.renormalise}', "}"),
        ("the window is not checked", "window < 1", "window < -9"),
        (
            "sizes are not compared",
            "if any(None not in pair and pair[0] != pair[1] for pair in sizes):",
            "if False:",
        ),
        (
            "spread one step on",
            "ops.floor(p + 0.5) - (alpha.shape[-1] - 1) // 2",
            "ops.floor(p + 0.5) - alpha.shape[-1] // 2 + 1",
        ),
        *SIZES,
        (
            "True is a window",
            '"int" not in type(window).__name__',
            "not isinstance(window, int)",
        ),
        ("the window stays NumPy's", "int(window)", "window"),
        (
            "the slope is not checked",
            'if not hasattr(slope, "__float__"):',
            "if False:",
        ),
        (
            "the attention is not checked",
            '        check_part("attention", attention, "keys")\n',
            "",
        ),
    ],
    "self_attention": [
        ("not scaled", " / q.shape[-1] ** 0.5", ""),
        (
            "filling has weight",
            "ops.softmax(ops.where(visible, e, -1e9)) * ops.cast(visible, e.dtype)",
            "ops.softmax(ops.where(visible, e, -1e9))",
        ),
        (
            "one step ahead",
            "past = step[None, :] <= step[:, None]",
            "past = step[None, :] <= step[:, None] + 1",
        ),
        (
            "not itself",
            "past = step[None, :] <= step[:, None]",
            "past = step[None, :] < step[:, None]",
        ),
        (
            "the mask is lost when causal",
            "visible = past[None] if visible is None else visible & past",
            "visible = past[None]",
        ),
        (
            "mask dropped",
            "real = mask if z is None else z_mask",
            "real = None if z is None else z_mask",
        ),
        ("the mask of x for z", "real = mask if z is None else z_mask", "real = mask"),
        (
            "queries and keys swapped",
            "k = z if self.W_k is None else ops.matmul(z, self.W_k)",
            "k = z if self.W_k is None else ops.matmul(z, self.W_q)",
        ),
        ("no value map", "z if self.values is None else ops.matmul(z, self.W_v)", "z"),
        (
            "no positions",
            "return x + self.at(ops.arange(ops.shape(x)[1]))",
            "return x + self.at(0 * ops.arange(ops.shape(x)[1]))",
        ),
        (
            "positions from the end",
            "return x + self.at(ops.arange(ops.shape(x)[1]))",
            "return x + ops.flip(self.at(ops.arange(ops.shape(x)[1])), 0)",
        ),
        ("too long is let through", "time > self.longest", "time > 10**9"),
        ("no way around", "return x + self.W_2(", "return self.W_2("),
        (
            "the norm is left out",
            "u = self.norm(x)\n        c, alpha",
            "u = x\n        c, alpha",
        ),
        (
            "c before u",
            "ops.concatenate([u, c], axis=-1)",
            "ops.concatenate([c, u], axis=-1)",
        ),
        (
            "the decoder sees ahead",
            "AttentionBlock(units, True, **own)",
            "AttentionBlock(units, False, **own)",
        ),
        ("the source's mask dropped", "over(y, h, z_mask=h_mask)", "over(y, h)"),
        ("no last norm", "return self.norm(y), alpha", "return y, alpha"),
        (
            "a step forgets the past",
            "here, past, new = i == t[:, None], i <= t[:, None], [t + 1]",
            "here, past, new = i == t[:, None], i == t[:, None], [t + 1]",
        ),
        (
            "config without causal",
            '"values": self.values, "causal": self.causal}',
            '"values": self.values}',
        ),
        ("config without values", '"values": self.values, ', ""),
        (
            "config without blocks",
            'self.own |= {"units": self.looks[0].attention.units',
            'self.own = {"longest": longest, "units": self.looks[0].attention.units',
        ),
        (
            "the output shape is lost",
            "return y_shape, (*y_shape[:2], h_shape[1])",
            "return y_shape, (*y_shape[:2], h_shape[2])",
        ),
        (
            "scores in half precision",
            'if keras.backend.standardize_dtype(dtype) == "float16":',
            "if False:",
        ),
        ("0 is a size", "or size < 1", "or size < 0"),
        (
            "True is a size",
            '"int" not in type(size).__name__',
            "not isinstance(size, int)",
        ),
        ("units stay NumPy's", "units and int(units)", "units"),
        ("values stay NumPy's", "values and int(values)", "values"),
        ("0 is the longest", "or longest < 1", "or longest < 0"),
        (
            "True is the longest",
            '"int" not in type(longest).__name__',
            "not isinstance(longest, int)",
        ),
        ("the longest stays NumPy's", "int(longest)", "longest"),
        ("the rank of x", "if len(x_shape) != 3:", "if False:"),
        (
            "the encoder is not checked",
            '        check_part("encoder", encoder, "call")\n',
            "",
        ),
        (
            "the decoder is not checked",
            '        check_part("decoder", decoder, "begin", "step")\n',
            "",
        ),
        (
            "the sizes are not checked",
            "positive(source=source, target=target, width=width)",
            '{"source": source, "target": target, "width": width}',
        ),
    ],
    "hierarchical_attention": [
        (
            "no tanh",
            "u = ops.tanh(ops.matmul(h, self.W) + self.b)",
            "u = ops.matmul(h, self.W) + self.b",
        ),
        ("no bias", "ops.matmul(h, self.W) + self.b", "ops.matmul(h, self.W)"),
        ("mask dropped", "return attend(e, h, mask)", "return attend(e, h)"),
        ("the bias starts at 1", '"zeros", name="b"', '"ones", name="b"'),
        ("u is reversed", "self.u[:, None]", "self.u[::-1, None]"),
        (
            "words of filling are read",
            "h = self.word_encoder(x, mask=ops.reshape(real, rows))",
            "h = self.word_encoder(x)",
        ),
        (
            "words of filling have weight",
            "self.word_attention(h, mask=ops.reshape(real, rows))",
            "self.word_attention(h)",
        ),
        (
            "sentences of filling are read",
            "h = self.sentence_encoder(s, mask=ops.any(real, axis=-1))",
            "h = self.sentence_encoder(s)",
        ),
        (
            "sentences of filling have weight",
            "self.sentence_attention(h, mask=ops.any(real, axis=-1))",
            "self.sentence_attention(h)",
        ),
        (
            "a sentence needs every word",
            "h = self.sentence_encoder(s, mask=ops.any(real, axis=-1))",
            "h = self.sentence_encoder(s, mask=ops.all(real, axis=-1))",
        ),
        ("α of words unshaped", "ops.reshape(alpha_w, ops.shape(ids))", "alpha_w"),
        (
            "one attention twice",
            "v, alpha_s = self.sentence_attention(",
            "v, alpha_s = self.word_attention(",
        ),
        ("no dropout", "o = self.V(self.drop(v))", "o = self.V(v)"),
        ("config without dropout", ', "dropout": self.drop.rate}', "}"),
        ("an empty document", "if not real.all():", "if False:"),
        (
            "not refused in fit",
            "return super().fit(refuse_empty(x)",
            "return super().fit(x",
        ),
        ("no step is let through", "or h_shape[1] == 0", ""),
        (
            "the mask goes on",
            "return None, None  # s and α are no sequences in time",
            "return mask, mask",
        ),
        *SIZES,
        (
            "the rank of documents",
            'if hasattr(ids, "shape") and len(ids.shape) != 3:',
            "if False:",
        ),
        ("dropout may be a word", 'not hasattr(dropout, "__float__") or ', ""),
        ("dropout above 1", "not 0 <= dropout <= 1", "not 0 <= dropout"),
        ("a part is not checked", '            check_part(name, part, "call")\n', ""),
        (
            "the sizes are not checked",
            "positive(words=words, width=width, classes=classes)",
            '{"words": words, "width": width, "classes": classes}',
        ),
    ],
    "backpropagation": [
        ("two gates swapped", "a_g, a_f, a_c, a_q = ops", "a_f, a_g, a_c, a_q = ops"),
        (
            "the mask lets C run on",
            "C = where(now, f * C + g * c, C)",
            "C = f * C + g * c",
        ),
        (
            "the mask lets h run on",
            "h = where(now, q * ops.tanh(C), h)",
            "h = q * ops.tanh(C)",
        ),
        ("C after the step", "f * (1 - f) * C_before", "f * (1 - f) * C"),
        ("h after the step for W", "for v in (x, h_before)]", "for v in (x, H)]"),
        (
            "gates from h after the step",
            "ops.matmul(h_before, W) + b",
            "ops.matmul(H, W) + b",
        ),
        (
            "gates without bias",
            "ops.matmul(h_before, W) + b",
            "ops.matmul(h_before, W)",
        ),
        (
            "W not transposed",
            "shown, back = ops.tanh(C), ops.transpose(W)",
            "shown, back = ops.tanh(C), ops.concatenate(ops.split(W, 4, axis=1), axis=0)",
        ),
        ("no loss at the steps", "dh = loss + dh", "dh = dh"),
        ("nothing from the step after", "dh = loss + dh", "dh = loss"),
        ("nothing along the cell", "dC_now = s_C * dh + dC", "dC_now = s_C * dh"),
        ("no forget gate on the way back", "keep * dC_now, dC)", "dC_now, dC)"),
        ("the slope of tanh is 1", "g * (1 - c * c)]", "g]"),
        ("the output gate's slope is its value", "q * (1 - q) * shown", "q * shown"),
        (
            "no gradient of the last cell",
            "ops.zeros_like(h_0), dC, ops",
            "ops.zeros_like(h_0), 0 * dC, ops",
        ),
        (
            "masked steps have a gradient",
            "da = where(now, da, ops.zeros_like(da))",
            "da = da",
        ),
        (
            "δh stops at a masked step",
            "where(now, ops.matmul(da, back), dh)",
            "ops.matmul(da, back)",
        ),
        (
            "δC decays at a masked step",
            "where(now, keep * dC_now, dC)",
            "keep * dC_now",
        ),
        ("no mask on the way back", "H, C, *inputs, real)", "H, C, *inputs, [])"),
        ("the way back runs forward", "times, reverse=True)", "times)"),
        ("start states exchanged", "return dx, dh, dC,", "return dx, dC, dh,"),
        ("always forward", "if self.go_backwards:", "if False:"),
        ("masked outputs are not zeros", "if self.zero_output_for_mask:", "if False:"),
        (
            "no copy",
            "*map(ops.copy, weights)",
            "*map(ops.convert_to_tensor, weights)",
        ),
    ],
}
