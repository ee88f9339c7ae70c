"""A layer's file is copied into an empty folder and used as the README says."""

import os
import re
import shutil
import subprocess
import sys

from utils.course import ROOT

sys.path.append(str(ROOT / "site"))

import pages

LAYERS = ROOT / "utils/layers"
FILES = sorted(path.stem for path in LAYERS.glob("*.py") if path.stem != "__init__")
README = (ROOT / "README.md").read_text("utf-8")
SECTION = README.partition("## Use a layer in your own project")[2].partition("\n## ")[
    0
]
TRAIN, LOAD = re.findall(r"```python\n(.*?)```", SECTION, re.S)
# What stands in the README's place of `keras.layers.RNN(SimpleCell(16))`, and import.
LAYER = {
    "attention": "(lambda x: keras.Model(x, attention.AttentionDecoder(keras.layers."
    "GRUCell(16), attention.AdditiveAttention(8))(x, x)[0]))(keras.Input((10, 3)))",
    "backpropagation": "backpropagation.CustomGradientLSTM(16)",
    "recurrent": "keras.layers.RNN(recurrent.SimpleCell(16))",
    "bidirectional": "bidirectional.BidirectionalRNN(keras.layers.SimpleRNNCell(16))",
    "deep": "deep.StackedRNN([keras.layers.GRUCell(8), keras.layers.GRUCell(8)])",
    "encoder_decoder": "(lambda x: keras.Model(x, encoder_decoder.Decoder(keras.layers."
    "GRUCell(16))(x, encoder_decoder.Encoder(keras.layers.GRU(8, return_sequences=True,"
    " return_state=True))(x)[1])))(keras.Input((10, 3)))",
    "four_directions": "four_directions.FourDirectionRNN(keras.layers.GRUCell(4))",
    "gated": "keras.layers.RNN(gated.GatedCell(16))",
    "gru": "keras.layers.RNN(gru.GRUCell(16))",
    "hierarchical_attention": "(lambda x: keras.Model(x, hierarchical_attention."
    "AttentionPooling(8)(x)[0]))(keras.Input((10, 3)))",
    "local_attention": "(lambda x, part: keras.Model(x, local_attention.CountingDecoder"
    "(keras.layers.GRUCell(16), local_attention.LocalAttention(part(8), 2))(x, x)[0]))("
    "keras.Input((10, 3)), keras.saving.get_registered_object('rnn_course>"
    "AdditiveAttention'))",
    "lstm": "keras.layers.RNN(lstm.LSTMCell(16))",
    "peepholes": "keras.layers.RNN(peepholes.PeepholeLSTMCell(16))",
    "visual_attention": "(lambda x: keras.Model(x, visual_attention.CaptionDecoder("
    "keras.layers.GRUCell(16), visual_attention.VisualAttention(8))(x, x)[0]))("
    "keras.Input((10, 3)))",
    "self_attention": "self_attention.SelfAttentionEncoder(10, 8)",
}
# Where x and y are of other shapes than the README's.
SHAPES = {
    "attention": ("(64, 10, 3)", "(64, 10, 1)"),
    "bidirectional": ("(64, 10, 3)", "(64, 10, 1)"),
    "encoder_decoder": ("(64, 10, 3)", "(64, 10, 1)"),
    "local_attention": ("(64, 10, 3)", "(64, 10, 1)"),
    "four_directions": ("(64, 4, 4, 3)", "(64, 4, 4, 1)"),
    "visual_attention": ("(64, 10, 3)", "(64, 10, 1)"),
    "self_attention": ("(64, 10, 3)", "(64, 10, 1)"),
}


def run(code, folder):
    """Run code in the folder, with nothing of the course in sight."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    environment["PYTHONPATH"] = "."
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert not done.returncode, done.stderr


def test_the_readme_is_right_word_for_word(tmp_path):
    shutil.copy(LAYERS / "recurrent.py", tmp_path)
    run(TRAIN, tmp_path)
    run(LOAD, tmp_path)
    assert '"rnn_course>SimpleCell"' in SECTION
    assert "register_keras_serializable" in (tmp_path / "recurrent.py").read_text()


def test_each_file_copied_with_those_it_names_trains_a_model(tmp_path):
    """One process for all: TensorFlow starts slowly."""
    code = ["import os, sys"]
    for name in FILES:
        assert name in LAYER, f"say in {__name__} how a layer of {name}.py is made"
        files = pages.named_by(name)  # what the book tells the reader to copy
        folder = tmp_path / name / ("utils/layers" if len(files) > 1 else "")
        folder.mkdir(parents=True)
        for file in files:
            shutil.copy(LAYERS / f"{file}.py", folder)
        own = f"from utils.layers import {name}" if len(files) > 1 else f"import {name}"
        train = TRAIN.replace("from recurrent import SimpleCell", own)
        train = train.replace("keras.layers.RNN(SimpleCell(16))", LAYER[name])
        if name in SHAPES:
            train = train.replace("(64, 10, 3)", SHAPES[name][0])
            train = train.replace("(64, 1)", SHAPES[name][1])
        code += [f"os.chdir({str(tmp_path / name)!r})", train]
        code += [LOAD.replace("import recurrent", own), "model.predict(x)"]
        code += [f"sys.modules.pop({file!r}, None)" for file in files]
        code += ["for m in [m for m in sys.modules if m.split('.')[0] == 'utils']:"]
        code += ["    sys.modules.pop(m)"]
    run("\n".join(code), tmp_path)
