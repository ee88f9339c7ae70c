"""The synthesis plays the right pitch for the right time."""

import numpy as np
import pytest

from utils.audio import held_notes, synthesise


def test_an_a_has_440_hertz():
    roll = np.zeros((4, 3))
    roll[:, 2] = 1
    sound = synthesise(roll, lowest=67, frame=0.25, rate=4000)
    assert sound.shape == (4000,) and sound.dtype == "float32"
    assert np.abs(np.fft.rfft(sound)).argmax() == 440  # one second: 1 Hz a bin
    assert np.abs(sound).max() == pytest.approx(1)


def test_a_note_is_held_until_it_stops():
    roll = np.array([[1, 0], [1, 0], [0, 0], [1, 1]])
    assert held_notes(roll) == [(0, 2, 0), (3, 4, 0), (3, 4, 1)]


def test_silence_is_silent_and_no_error():
    assert not synthesise(np.zeros((2, 3)), lowest=60).any()
