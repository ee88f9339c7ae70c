"""The chorales hold what their card says, note by note."""

from xml.etree import ElementTree

import numpy as np
import pytest

from data import archives, chorales


@pytest.fixture(scope="module")
def pieces(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archives, "CACHE", tmp_path_factory.mktemp("cache"))
        return chorales.read()  # computed, not read from data/cache


def test_there_are_as_many_pieces_and_frames_as_the_card_counts(pieces):
    lengths = [len(roll) for _, roll, _, _ in pieces]
    assert len(pieces) == 360
    assert sum(lengths) == 19_656
    assert (min(lengths), max(lengths)) == (24, 193)
    notes = sum(int(roll.sum()) for _, roll, _, _ in pieces) / sum(lengths)
    assert 3.86 < notes < 3.88


def test_one_chorale_has_the_chords_of_its_score(pieces):
    names = [name for name, *_ in pieces]
    _, roll, signature, fermata = pieces[names.index("bwv269")]
    # Aus meines Herzens Grunde: G major, the melody begins G G G D
    chords = [(np.flatnonzero(frame) + chorales.LOWEST).tolist() for frame in roll[:4]]
    assert chords == CHORDS
    assert signature == 1
    assert fermata.any() and not fermata[0]


CHORDS = [[43, 59, 62, 67], [55, 59, 62, 67], [52, 60, 64, 67], [54, 57, 62, 74]]


def test_no_music_occurs_twice_in_any_key(pieces):
    by_length = {}
    for _, roll, _, _ in pieces:
        lowest = np.flatnonzero(roll.any(axis=0))[0]
        by_length.setdefault(len(roll), []).append(np.roll(roll, -lowest, axis=1))
    for rolls in by_length.values():
        for i, roll in enumerate(rolls):
            for other in rolls[:i]:
                assert (roll == other).all(axis=1).mean() <= 0.9


def test_a_piece_is_in_one_part_only_and_always_in_the_same():
    data, again = chorales.load(), chorales.load()
    parts = [set(part.names) for part in (data.train, data.validation, data.test)]
    assert [len(names) for names in parts] == [216, 72, 72]
    assert len(set.union(*parts)) == 360
    assert again.test.names == data.test.names
    assert data.test.names[:3] == ["bwv270", "bwv431", "bwv248.33-3"]


def test_split_by_hymn_no_melody_is_in_two_parts_in_any_key():
    pieces = chorales.read()
    names, rolls = [p[0] for p in pieces], [p[1] for p in pieces]
    hymn = dict(zip(names, chorales.hymns(rolls), strict=True))
    assert len(set(hymn.values())) == 235
    # O Haupt voll Blut und Wunden, in the St Matthew Passion: in several keys, and once
    # with its repeat written out
    assert len({hymn[f"bwv244.{n}"] for n in (15, 17, 44, 54, 62)}) == 1
    data = chorales.load(by_hymn=True)
    parts = data.train, data.validation, data.test
    found = [set(part.hymn) for part in parts]
    assert sum(map(len, found)) == len(set.union(*found)) == 235
    assert [len(set(part.names)) for part in parts] == [216, 72, 72]
    assert all(hymn[name] in found[2] for name in data.test.names)
    by_piece = chorales.load()
    both = [{hymn[n] for n in part.names} for part in (by_piece.train, by_piece.test)]
    assert both[0] & both[1]  # which is why there is a split by hymn


def test_a_melody_is_found_in_another_key_and_after_an_upbeat():
    rng = np.random.default_rng(0)
    walk = (np.cumsum(rng.integers(-2, 3, 40)) + 20).clip(1, 40)
    roll = np.zeros((40, 46), "uint8")
    roll[np.arange(40), walk] = 1
    other = np.zeros((40, 46), "uint8")
    other[np.arange(40), (np.cumsum(rng.integers(-2, 3, 40)) + 20).clip(1, 40)] = 1
    higher, later = np.roll(roll, 5, axis=1), roll[3:]
    assert chorales.hymns([roll, other, higher, later]).tolist() == [0, 1, 0, 0]


def test_training_pieces_are_cut_and_nothing_is_lost():
    cut, whole = chorales.load(32), chorales.load(200)
    assert cut.train.rolls.shape[1] <= 32
    assert cut.train.lengths.sum() == whole.train.lengths.sum()
    assert cut.train.rolls.sum() == whole.train.rolls.sum()
    joined = np.concatenate(
        [
            cut.train.rolls[i, : cut.train.lengths[i]]
            for i, name in enumerate(cut.train.names)
            if name == whole.train.names[0]
        ]
    )
    assert np.array_equal(joined, whole.train.rolls[0, : whole.train.lengths[0]])
    assert np.array_equal(cut.test.rolls, whole.test.rolls)


def test_the_filling_is_silent_and_counts_nothing():
    for part in vars(chorales.load()).values():
        assert not part.rolls[~part.real].any() and not part.fermata[~part.real].any()
        x, y, weight = part.next_frame()
        assert x.shape == y.shape == (*weight.shape, chorales.NOTES)
        assert np.array_equal(x[:, 1:], y[:, :-1])
        assert np.array_equal(weight.sum(axis=1), part.lengths - 1)


SCORE = """
<score-partwise><part id="P1"><measure>
  <attributes><divisions>2</divisions><key><fifths>-3</fifths></key></attributes>
  <note><pitch><step>C</step><octave>4</octave></pitch><duration>3</duration></note>
  <note><pitch><step>B</step><alter>-1</alter><octave>3</octave></pitch>
    <duration>1</duration></note>
  <note><grace/><pitch><step>D</step><octave>4</octave></pitch></note>
  <note><rest/><duration>2</duration></note>
  <note><pitch><step>E</step><octave>4</octave></pitch><duration>2</duration>
    <notations><fermata/></notations></note>
  <note><chord/><pitch><step>G</step><octave>4</octave></pitch>
    <duration>2</duration></note>
  <backup><duration>4</duration></backup>
  <note><pitch><step>C</step><octave>3</octave></pitch><duration>2</duration></note>
</measure></part></score-partwise>
"""


def test_rests_chords_flats_graces_and_second_voices_are_read():
    roll, signature, fermata = chorales.piano_roll(ElementTree.fromstring(SCORE))
    sounding = [(np.flatnonzero(frame) + chorales.LOWEST).tolist() for frame in roll]
    # B flat begins between two quarters and ends with the second: no frame has it
    assert sounding == [[60], [60], [48], [64, 67]]
    assert signature == -3
    assert fermata.tolist() == [False, False, False, True]


def test_beats_are_counted_from_the_last_fermata():
    fermata = np.array([[0, 0, 1, 1, 0, 0, 1, 0]], bool)
    part = chorales.Part(["a"], None, None, None, fermata)
    assert part.beat.tolist() == [[0, 1, 2, 3, 0, 1, 2, 0]]
