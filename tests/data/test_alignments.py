"""The hand-made alignment is read as it stands, and split without near-copies."""

import csv
import io
import json
from collections import Counter

import numpy as np
import pytest

from data import alignments, archives


@pytest.fixture(scope="module")
def segments(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archives, "CACHE", tmp_path_factory.mktemp("cache"))
        alignments.read.cache_clear()
        return alignments.read()  # computed, not read from data/cache


@pytest.fixture(scope="module")
def data(segments):
    return alignments.load()


def parts_of(data):
    return data.train, data.validation, data.test


def test_there_are_as_many_segments_and_links_as_the_card_counts(segments):
    assert len(segments) == 18_191
    assert sum(len(segment.links) for segment in segments) == 138_991
    greek, english = (
        [len(getattr(s, k)) for s in segments] for k in ("greek", "english")
    )
    assert (min(greek), max(greek)) == (2, 12) and 5.49 < np.mean(greek) < 5.51
    assert (min(english), max(english)) == (2, 14) and 6.88 < np.mean(english) < 6.90


def test_the_first_verse_reads_as_it_does_in_the_book(segments):
    first, second = segments[:2]
    assert first.verse == second.verse == "40001001"
    assert " ".join(first.greek) == "Βίβλος γενέσεως Ἰησοῦ χριστοῦ"
    said = "this is the record of the genealogy of jesus christ"
    assert " ".join(first.english) == said
    assert first.lemmas[1] == "γένεσις" and first.glosses[2] == "of Jesus"
    assert second.english == ["the", "son", "of", "david"]
    assert second.links == {(0, 0), (1, 0), (2, 1), (3, 1)}


def test_the_links_are_those_of_the_file_and_none_is_cut(segments):
    """Every link of a Greek or English word in a segment lies inside the segment."""
    with archives.open_archive("bible-alignments") as archive:
        name = "data/eng/alignments/BSB/SBLGNT-BSB-manual.json"
        records = json.loads(archive.read(name))["records"]
        text = archive.read("data/sources/SBLGNT.tsv").decode()
    rows = csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE)
    word = {row["id"]: row["text"] for row in rows}
    wanted = {}
    for record in records:
        for one in record["source"]:
            for other in record["target"]:
                if one[1:9] == other[:8]:
                    wanted.setdefault(one[1:9], set()).add((one, other))
    found = {}
    for s in segments:
        for _, k in s.links:
            found.setdefault(s.verse, Counter())[s.greek[k]] += 1
    for verse, counts in found.items():
        whole = Counter(word[one] for one, _ in wanted[verse])
        assert counts <= whole
    # a verse all of whose segments were kept has all of its links
    complete = sum(found[v].total() == len(wanted[v]) for v in found)
    assert complete > 3_000


def test_positions_lie_inside_the_segment(segments):
    for s in segments:
        assert len(s.greek) == len(s.lemmas) == len(s.glosses)
        assert all(
            0 <= j < len(s.english) and 0 <= k < len(s.greek) for j, k in s.links
        )
        assert s.links and all(s.english) and all(s.greek)


def test_a_verse_and_its_near_copies_are_in_one_part(segments, data):
    parts = [set(part.verses) for part in parts_of(data)]
    assert not parts[0] & parts[1] and not parts[0] & parts[2]
    assert not parts[1] & parts[2]
    # told by Matthew and by Luke: "when the unclean spirit has gone out of a man"
    assert alignments.split("40012043") == alignments.split("42011024")
    runs = {}
    for verse, words in alignments._greek().items():
        lemmas = [w["lemma"] for w in words]
        for i in range(len(lemmas) - 5):
            runs.setdefault(tuple(lemmas[i : i + 6]), set()).add(
                alignments.split(verse)
            )
    assert {len(found) for found in runs.values()} == {1}


def test_the_split_is_fixed_and_has_the_sizes_of_the_card(data):
    assert [len(part.segments) for part in parts_of(data)] == [14_430, 1_690, 1_826]
    assert len(data.sources) == 1_921 and len(data.targets) == 2_456
    once = alignments.load(500)
    assert [s.greek for s in once.train.segments] == [
        s.greek for s in data.train.segments[:500]
    ]
    verses = {s.verse for s in once.train.segments}
    assert len(verses) > 400  # from everywhere


def test_no_segment_of_validation_or_test_was_seen_in_training(data):
    seen = {tuple(s.greek) for s in data.train.segments}
    for part in (data.validation, data.test):
        assert not any(tuple(s.greek) in seen for s in part.segments)


def test_ids_and_gold_are_those_of_the_words(data):
    for part in parts_of(data):
        assert part.x.dtype == part.y.dtype == "int32"
        assert part.x.shape[1] == 12 and part.y.shape[1] == 16
        gold = part.gold
        assert gold.shape == (len(part.segments), 16, 12)
        for i, s in enumerate(part.segments[:300]):
            for k, lemma in enumerate(s.lemmas):
                known = data.sources[part.x[i, k]]
                assert known == lemma if lemma in data.sources else known == "?"
            assert not part.x[i, len(s.lemmas) :].any()
            ids = part.y[i, 1 : 1 + len(s.english)]
            for word, id in zip(s.english, ids, strict=True):
                assert data.targets[id] == word if word in data.targets else id == 3
            assert part.y[i, 0] == 1 and part.y[i, 1 + len(s.english)] == 2
            assert not part.y[i, 2 + len(s.english) :].any()
            assert set(zip(*np.nonzero(gold[i]), strict=True)) == {
                (j + 1, k) for j, k in s.links
            }


def test_words_are_known_if_three_training_segments_have_them(data):
    counts = Counter(w for s in data.train.segments for w in set(s.english))
    for word in data.targets[4:]:
        assert counts[word] >= 3
    assert sum(count >= 3 for count in counts.values()) == len(data.targets) - 4
    kept = [counts[word] for word in data.targets[4:]]
    assert kept == sorted(kept, reverse=True)


def test_a_verse_is_cut_at_punctuation_where_no_link_crosses():
    def words(text, prefix=""):
        return [
            {"id": f"{prefix}{i}", "text": word, "exclude": "y" if word in ",." else ""}
            for i, word in enumerate(text.split())
        ]

    greek, english = words("a b c d", "n"), words("one two , three , four .")
    straight = {("n0", "0"), ("n1", "1"), ("n2", "3"), ("n3", "5")}
    crossed = straight | {("n2", "0")}

    def cut(links):
        return [
            ["".join(w["text"] for w in g), " ".join(w["text"] for w in e), p]
            for g, e, p in alignments._cut(greek, english, links)
        ]

    assert cut(straight) == [
        ["ab", "one two", {(0, 0), (1, 1)}],
        ["c", "three", {(0, 0)}],
        ["d", "four", {(0, 0)}],
    ]
    assert cut(crossed) == [
        ["abc", "one two three", {(0, 0), (1, 1), (0, 2), (2, 2)}],
        ["d", "four", {(0, 0)}],
    ]
    assert cut({("n0", "0"), ("n3", "5")}) == [
        ["a", "one two", {(0, 0)}],
        ["bcd", "three four", {(1, 2)}],  # without a link: goes with what follows
    ]
