"""Bach's four-part chorales as piano rolls, one frame a quarter note.

The scores are MusicXML inside the archive of music21, which is neither installed nor
imported: the standard library reads the XML.
"""

import io
import zipfile
from dataclasses import dataclass
from fractions import Fraction
from xml.etree import ElementTree

import numpy as np

from data.archives import cached, open_archive, pinned
from utils.course import few

FOLDER = "music21/corpus/bach/"
LOWEST, HIGHEST = 36, 81  # MIDI numbers of the notes that occur: C2 to A5
NOTES = HIGHEST - LOWEST + 1
SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
VERSION = 1  # of the computation below; part of the cache's key


@dataclass
class Part:
    """One part of the data: training, validation or test. Short pieces end in zeros.

    names: of the pieces, as in "bwv269"; a piece that was cut occurs several times.
    rolls: (pieces, time, 46) uint8; 1 where a note sounds, from C2 (MIDI 36) up.
    lengths: (pieces,) frames that are real.
    signature: (pieces,) sharps of the key signature, flats negative: −4 to 4.
    fermata: (pieces, time) bool; a held note, the end of a line of the hymn.
    hymn: (pieces,) int; the number of the melody, as `hymns` finds it. None where the
        split is by piece.
    """

    names: list
    rolls: np.ndarray
    lengths: np.ndarray
    signature: np.ndarray
    fermata: np.ndarray
    hymn: np.ndarray = None

    @property
    def real(self):
        """(pieces, time) bool: the frames that are no filling."""
        return np.arange(self.rolls.shape[1]) < self.lengths[:, None]

    @property
    def beat(self):
        """(pieces, time) int: frames since the line of the hymn began, 0 at its first.

        A line ends with its fermata.
        """
        beat = np.zeros(self.fermata.shape, int)
        for t in range(1, beat.shape[1]):
            begins = self.fermata[:, t - 1] & ~self.fermata[:, t]
            beat[:, t] = np.where(begins, 0, beat[:, t - 1] + 1)
        return beat

    def next_frame(self):
        """What a model of the next frame reads, predicts, and how much each counts.

        Returns:
            x, y: (pieces, time − 1, 46) float32, y one frame later than x; weight:
            (pieces, time − 1) float32, 0 where y is filling.
        """
        rolls = self.rolls.astype("float32")
        return rolls[:, :-1], rolls[:, 1:], self.real[:, 1:].astype("float32")


@dataclass
class Chorales:
    """Three `Part`s: no piece is in two of them, nor, split by hymn, a melody."""

    train: Part
    validation: Part
    test: Part


def load(longest=64, by_hymn=False):
    """All chorales in four parts, without duplicates, always split in the same way.

    Args:
        longest: training pieces with more frames are cut into equal stretches that
            have at most so many. Validation and test pieces stay whole.
        by_hymn: whether all pieces on one melody are in the same part. Bach set many
            melodies several times, some of them almost alike.

    Returns:
        `Chorales`: about 6 in 10 pieces train, 2 validate, 2 test.
    """
    pieces = read()
    rng, cuts = np.random.default_rng(0), [round(f * len(pieces)) for f in (0.6, 0.8)]
    order, hymn = rng.permutation(len(pieces)), [None] * len(pieces)
    if by_hymn:
        key = [VERSION, pinned()["music21"]]
        rolls = [roll for _, roll, *_ in pieces]
        hymn = cached("hymns", key, lambda: {"hymn": hymns(rolls)})["hymn"]
        order = np.argsort(rng.permutation(hymn.max() + 1)[hymn], kind="stable")
        begins = np.flatnonzero(np.diff(hymn[order], prepend=-1))  # a new melody
        cuts = begins[np.searchsorted(begins, cuts)]
    pieces = [(*piece, number) for piece, number in zip(pieces, hymn, strict=True)]
    train, validation, test = np.split(order, cuts)
    stretches = few([s for i in train for s in _stretches(pieces[i], longest)])
    whole = (few([pieces[i] for i in part]) for part in (validation, test))
    return Chorales(*map(_padded, (stretches, *whole)))


def read():
    """The pieces as tuples (name, roll, signature, fermata), sorted by name.

    Where two pieces share more than nine in ten frames, in whatever key, only the
    first by name is kept.
    """
    key = [VERSION, pinned()["music21"]]
    arrays = cached("chorales", key, _read)
    ends = np.cumsum(arrays["lengths"])[:-1]
    rolls, fermatas = (np.split(arrays[name], ends) for name in ("rolls", "fermata"))
    names = arrays["names"].tolist()
    return list(zip(names, rolls, arrays["signature"].tolist(), fermatas, strict=True))


def hymns(rolls, alike=0.65, furthest=64, overlap=24):
    """The number of each piece's melody: pieces on one melody share it.

    The melody is the highest note of each frame. Two are the same if they agree, in
    whatever key, when one is moved in time, as by an upbeat or a repeat that is written
    out; and so are two that a third one links.

    Args:
        rolls: arrays (time, 46).
        alike: the share of steps up and down that must agree,
        furthest: where one melody is moved by at most so many frames,
        overlap: and at least so many frames are compared.

    Returns:
        (pieces,) int, 0, 1, … in order of the pieces.
    """
    tops = [roll.shape[1] - roll[:, ::-1].argmax(axis=1) for roll in rolls]
    lengths = np.array([len(top) - 1 for top in tops])
    steps = np.zeros((len(tops), lengths.max(), 25), "float32")
    for own, top in zip(steps, tops, strict=True):
        step = np.diff(top).clip(-12, 12)
        own[np.arange(len(step)), step + 12] = 1
    same = np.eye(len(tops), dtype=bool)
    for shift in range(min(furthest, lengths.max()) + 1):
        moved = steps[:, shift:].reshape(len(tops), -1)
        still = steps[:, : steps.shape[1] - shift].reshape(len(tops), -1)
        both = np.minimum(lengths[:, None] - shift, lengths)
        same |= (moved @ still.T >= alike * both) & (both >= overlap)
    same |= same.T
    first = np.arange(len(tops))
    while True:  # each piece takes the smallest number among those like it
        least = np.where(same, first, len(tops)).min(axis=1)
        if np.array_equal(least, first):
            return np.unique(first, return_inverse=True)[1]
        first = least


def _read():
    pieces, seen = [], []
    with open_archive("music21") as archive:
        files = [n for n in archive.namelist() if n.startswith(FOLDER)]
        for file in sorted(n for n in files if n.endswith(".mxl")):
            score = _score(archive.read(file))
            if len(score.findall("part")) != 4:
                continue
            roll, signature, fermata = piano_roll(score)
            music = _without_key(roll)
            if not any(_same(music, other) for other in seen):
                seen.append(music)
                name = file.removeprefix(FOLDER).removesuffix(".mxl")
                pieces.append((name, roll, signature, fermata))
    names, rolls, signatures, fermatas = zip(*pieces, strict=True)
    return {
        "names": np.array(names),
        "lengths": np.array([len(roll) for roll in rolls]),
        "rolls": np.concatenate(rolls),
        "signature": np.array(signatures),
        "fermata": np.concatenate(fermatas),
    }


def _score(packed):
    """The score inside an .mxl file, which is a zip archive of its own."""
    with zipfile.ZipFile(io.BytesIO(packed)) as file:
        names = [name for name in file.namelist() if not name.startswith("META-INF")]
        name = next(n for n in names if n.endswith((".xml", ".musicxml")))
        return ElementTree.fromstring(file.read(name))


def piano_roll(score):
    """A MusicXML score as frames: what sounds at each quarter note.

    Args:
        score: the root element of a partwise score.

    Returns:
        roll (time, 46) uint8, the signature of the first key, fermata (time,) bool.
    """
    notes, end = [], 0
    for part in score.findall("part"):
        found, length = _notes(part)
        notes += found
        end = max(end, length)
    roll = np.zeros((_first_frame(end), NOTES), "uint8")
    fermata = np.zeros(len(roll), bool)
    for start, stop, pitch, held in notes:
        frames = slice(_first_frame(start), _first_frame(stop))
        if pitch is not None:
            roll[frames, pitch - LOWEST] = 1
        fermata[frames] |= held
    return roll, int(score.findtext(".//key/fifths")), fermata


def _first_frame(time):
    return -(-time // 1)


def _notes(part):
    """One voice: (start, stop, pitch or None, has a fermata) in quarters; its end."""
    notes, quarter = [], 1
    now = start = end = Fraction(0)
    for element in (e for measure in part.findall("measure") for e in measure):
        if element.tag == "attributes":
            quarter = int(element.findtext("divisions") or quarter)
        elif element.tag in ("backup", "forward"):
            sign = 1 if element.tag == "forward" else -1
            now += sign * Fraction(int(element.findtext("duration")), quarter)
        elif element.tag == "note" and element.find("grace") is None:
            length = Fraction(int(element.findtext("duration")), quarter)
            if element.find("chord") is None:  # else it starts with the note before
                start, now = now, now + length
            held = element.find("notations/fermata") is not None
            notes.append((start, start + length, _pitch(element), held))
        end = max(end, now)  # a second voice may end before the first
    return notes, end


def _pitch(note):
    pitch = note.find("pitch")
    if pitch is None:
        return None
    octave, alter = int(pitch.findtext("octave")), pitch.findtext("alter") or 0
    return 12 * (octave + 1) + SEMITONES[pitch.findtext("step")] + int(float(alter))


def _without_key(roll):
    """The roll, moved so that its lowest note is the lowest row."""
    lowest = np.flatnonzero(roll.any(axis=0))[0]
    return np.roll(roll, -lowest, axis=1)


def _same(roll, other):
    return len(roll) == len(other) and (roll == other).all(axis=1).mean() > 0.9


def _stretches(piece, longest):
    name, roll, signature, fermata, hymn = piece
    count = -(-len(roll) // longest)
    cut = np.array_split(roll, count), np.array_split(fermata, count)
    return [
        (name, roll, signature, fermata, hymn)
        for roll, fermata in zip(*cut, strict=True)
    ]


def _padded(pieces):
    names, rolls, signatures, fermatas, hymn = zip(*pieces, strict=True)
    lengths = np.array([len(roll) for roll in rolls])
    time = lengths.max()
    return Part(
        list(names),
        np.stack([np.pad(r, ((0, time - len(r)), (0, 0))) for r in rolls]),
        lengths,
        np.array(signatures, "int32"),
        np.stack([np.pad(f, (0, time - len(f))) for f in fermatas]),
        np.array(hymn) if hymn[0] is not None else None,
    )
