"""Make a piano roll heard: a few sine waves a note."""

import numpy as np

OVERTONES = (1.0, 0.4, 0.2, 0.1)  # loudness of the note and of its overtones


def synthesise(roll, lowest, frame=0.25, rate=6000):
    """A piano roll as sound.

    A note that sounds in neighbouring frames is held and not struck again.

    Args:
        roll: (time, notes), nonzero where a note sounds.
        lowest: MIDI number of the first note; 69 is the A of 440 Hz.
        frame: seconds a frame.
        rate: samples a second. Overtones above half of it are left out.

    Returns:
        (samples,) float32 between −1 and 1, for `IPython.display.Audio(…, rate=rate)`.
    """
    roll = np.asarray(roll) > 0
    size = round(frame * rate)
    sound = np.zeros(len(roll) * size)
    for start, stop, note in held_notes(roll):
        pitch = 440 * 2 ** ((lowest + note - 69) / 12)
        time = np.arange((stop - start) * size) / rate
        waves = sum(
            loudness * np.sin(2 * np.pi * k * pitch * time)
            for k, loudness in enumerate(OVERTONES, start=1)
            if k * pitch < rate / 2
        )
        # a soft start and end, without which each note clicks
        edge = np.minimum(1, np.minimum(time, time[-1] - time) / 0.02)
        sound[start * size : stop * size] += waves * edge * np.exp(-time)
    loudest = np.abs(sound).max(initial=0)
    return (sound / (loudest or 1)).astype("float32")


def held_notes(roll):
    """(first frame, frame after the last, note) of every note that is held."""
    padded = np.pad(roll.astype(int), ((1, 1), (0, 0)))
    change = np.diff(padded, axis=0)
    return [
        (start, stop, note)
        for note in range(roll.shape[1])
        for start, stop in zip(
            np.flatnonzero(change[:, note] == 1),
            np.flatnonzero(change[:, note] == -1),
            strict=True,
        )
    ]
