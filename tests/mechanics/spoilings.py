"""Mistakes that a researcher makes, one a chapter: something must notice each.

name of the chapter's file → (the mistake, the text of a code cell, what stands there
instead, what notices it first). The last is a part of the line that `spoiled.py`
prints: a verdict, a printed line, or a row of a table.
"""

SPOILINGS = {
    "4_0_recurrent_layer": (
        "the filling is counted as letters",
        "return (found != part.tags) & (part.letters > 0)",
        "return found != part.tags",
        "every network is right more often than wrong: False",
    ),
    "4_1_bidirectional": (
        "the states of the backward RNN are not turned back",
        '"function": lambda g: ops.flip(g, axis=1)',
        '"function": lambda g: g',
        "the row 'backward'",
    ),
    "4_1_four_directions": (
        "the two answers are swapped in training",
        "train.images, asked(train), epochs",
        "train.images, asked(train)[:, ::-1], epochs",
        "a number of the row 'ReNet'",
    ),
    "4_2_deep": (
        "the control gets all the pieces too",
        'own_pieces = half if name == "half the pieces" else pieces',
        "own_pieces = pieces",
        "the row 'control: all the pieces'",
    ),
    "4_3_1_lstm": (
        "the recurrent matrix is one orthogonal block, and not one for each gate",
        "per_gate = OrthogonalPerGate(gain)",
        "per_gate = keras.initializers.Orthogonal(gain)",
        "4.3.1-explode: the chapter states HOLDS, and this run found NOT SHOWN",
    ),
    "4_3_1_peepholes": (
        "the targets are one step late",
        "for a in (x, spike))",
        "for a in (x, np.roll(spike, 1, axis=1)))",
        "more sure of a spike where one is due: False",
    ),
    "4_3_2_gru": (
        "the weights are kept before the training",
        """        curves[name].append(add(model))
        trained[name].append(model.get_weights())
""",
        """        trained[name].append(model.get_weights())
        curves[name].append(add(model))
""",
        "its update gate is lower at marked steps: False",
    ),
    "4_3_3_gates_and_activations": (
        "the sigmoid RNN gets the larger matrix, but not the bias that centres it",
        "bias = -k * W.sum(axis=1) / 2",
        "bias = zero",
        "4.3.3-sigmoid: the chapter states HOLDS WHEN the gain is at most 2",
    ),
    "4_4_encoder_decoder": (
        "the decoder is fed what it is to write",
        "pairs = [((p.letters, p.phones[:, :-1]), p.phones[:, 1:]) for p in words]",
        "pairs = [((p.letters, p.phones[:, 1:]), p.phones[:, 1:]) for p in words]",
        "the row 'encoder–decoder'",
    ),
    "4_5_attention": (
        "the teacher never gets its trained weights",
        "teacher.set_weights(kept[0])\n",
        "",
        "the row 'usable'",
    ),
    "4_5_image_captioning": (
        "the encoder is not trained",
        "fit(namer, single, which, epochs=6, batch_size=128)\n",
        "",
        "the row 'captions right, greedy'",
    ),
    "4_5_1_local_attention": (
        "the untrained rival is asked after the training",
        """        untrained[name].append(asked(model, name)[0])
        curves[name].append(practise(model, *task))
""",
        """        curves[name].append(practise(model, *task))
        untrained[name].append(asked(model, name)[0])
""",
        "the row 'against untrained'",
    ),
    "4_5_2_self_attention": (
        "the decoder's mask is dropped",
        "AttentionBlock(units, True, **own)",
        "AttentionBlock(units, False, **own)",
        "4.5.2-masked: the chapter states HOLDS, and this run found FALSE",
    ),
    "4_5_3_hierarchical_attention": (
        "the bag of words is trained on the test documents",
        ".fit(texts[:several], train.fresh[:several])",
        ".fit(asked, test.fresh)",
        "the row 'wrong, bag of words'",
    ),
    "A_backpropagation_through_time": (
        "the two networks do not start from the same weights",
        'models["ours"].set_weights(models["Keras\'s"].get_weights())\n',
        "",
        "the losses agree within 2 %: False",
    ),
    "B_several_devices": (
        "each worker reads the same rows",
        "model.fit(my_share(x), my_share(y), **options)",
        "model.fit(x[:640], y[:640], **options)",
        "two workers, at least 5 decimal places: False",
    ),
}
