"""Greek words and their English, aligned word by word by hand: the New Testament.

A verse is cut into segments at the punctuation of the English, so that no hand-made
link leaves its segment. `load` gives them as ids, ready for a network that translates.
"""

import csv
import functools
import hashlib
import io
import json
from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np

from data.archives import cached, open_archive, pinned
from utils.course import few

VERSION = 1  # of the computation below; part of the cache's key
START, END, UNKNOWN = 1, 2, 3  # of a target; 0 is the filling
UNKNOWN_SOURCE = 1
SAME = 6  # verses that share so many lemmas in a row are in one part
FOLDER = "data/eng/"


@dataclass
class Segment:
    """A piece of a verse in two languages.

    verse: its number: book, chapter, verse, as "40001001" for Matthew 1:1.
    greek, lemmas, glosses: the Greek words, their dictionary forms, an English gloss.
    english: the English words, in lower case.
    links: set of pairs (English position, Greek position), made by hand.
    """

    verse: str
    greek: list
    lemmas: list
    glosses: list
    english: list
    links: set


@dataclass
class Part:
    """One part of the data: training, validation or test.

    segments: list of `Segment`.
    x: (segments, time) int32; index into `sources`, 0 is filling.
    y: (segments, time) int32; index into `targets`: START, the words, END, filling.
    """

    segments: list
    x: np.ndarray
    y: np.ndarray

    @property
    def gold(self):
        """(segments, y time, x time) bools: whether a link joins the two words."""
        gold = np.zeros((*self.y.shape, self.x.shape[1]), bool)
        for i, segment in enumerate(self.segments):
            for j, k in segment.links:
                gold[i, j + 1, k] = True  # START comes first
        return gold

    @property
    def verses(self):
        """The verse of each segment, as an array of strings."""
        return np.array([segment.verse for segment in self.segments])


@dataclass
class Alignments:
    """Three `Part`s, and what the ids stand for.

    sources: Greek lemmas; 0 is the filling, 1 any lemma that is too rare.
    targets: English words; 0 is the filling, then START, END and any rare word.
    """

    train: Part
    validation: Part
    test: Part
    sources: list
    targets: list


def load(segments=None, least=3):
    """Segments of 2 to 12 Greek and 2 to 14 English words.

    Args:
        segments: how many training segments, a fixed random choice; None is all.
        least: a lemma or word that fewer training segments have is unknown.

    Returns:
        `Alignments`.
    """
    parts = {part: [] for part in ("train", "validation", "test")}
    for segment in read():
        parts[split(segment.verse)].append(segment)
    parts["train"].sort(key=lambda s: _hash(f"{s.verse} {s.greek}"))
    parts["train"] = parts["train"][:segments]
    seen = {tuple(segment.greek) for segment in parts["train"]}
    for part in ("validation", "test"):
        parts[part] = [s for s in parts[part] if tuple(s.greek) not in seen]
    lemmas, words = (
        _common((getattr(s, kind) for s in parts["train"]), least)
        for kind in ("lemmas", "english")
    )
    sources, targets = ["", "?", *lemmas], ["", "START", "END", "?", *words]
    known = [{word: i for i, word in enumerate(words)} for words in (sources, targets)]
    longest = (
        max(len(s.greek) for p in parts.values() for s in p),
        2 + max(len(s.english) for p in parts.values() for s in p),
    )
    return Alignments(
        *[_part(few(part), *known, longest) for part in parts.values()],
        sources,
        targets,
    )


def split(verse):
    """The part a verse belongs to: 8 in 10 train, 1 validation, 1 test.

    By the hash of its first near-copy: the Gospels tell many things twice, and verses
    that share six lemmas in a row are together in one part.
    """
    number = _hash(_copies()[verse]) % 10
    return {0: "validation", 1: "test"}.get(number, "train")


@functools.cache
def read(longest=(12, 14)):
    """All segments, in the order of the text.

    Args:
        longest: the most Greek, and the most English, words; both have at least 2.

    Returns:
        Tuple of `Segment`.
    """
    key = [VERSION, pinned()["bible-alignments"], longest]
    rows = cached("alignments", key, lambda: _read(longest))["segments"].tolist()
    found = []
    for verse, *texts, links in rows:
        links = {tuple(map(int, pair.split("-"))) for pair in links.split()}
        texts = [text.split("|") for text in texts]
        found.append(Segment(verse, *texts, links))
    return tuple(found)


@functools.cache
def _copies():
    """verse → the first of the verses that it is a near-copy of, or itself."""
    verses, first, seen = _greek(), {}, {}

    def root(verse):
        while first.get(verse, verse) != verse:
            verse = first[verse]
        return verse

    for verse, words in verses.items():
        lemmas = [word["lemma"] for word in words]
        for i in range(len(lemmas) - SAME + 1):
            other = root(seen.setdefault(tuple(lemmas[i : i + SAME]), verse))
            one = root(verse)
            first[max(one, other)] = min(one, other)
    return {verse: root(verse) for verse in verses}


@functools.cache
def _greek():
    """verse → its Greek words, in order."""
    verses = defaultdict(list)
    for word in _table("data/sources/SBLGNT.tsv"):
        verses[word["id"][1:9]].append(word)
    return dict(verses)


def _table(name):
    with open_archive("bible-alignments") as archive, archive.open(name) as file:
        text = io.TextIOWrapper(file, "utf-8", newline="")
        return list(csv.DictReader(text, delimiter="\t", quoting=csv.QUOTE_NONE))


def _read(longest):
    english, links = defaultdict(list), defaultdict(set)
    for word in _table(f"{FOLDER}targets/BSB/nt_BSB.tsv"):
        english[word["source_verse"]].append(word)
    with open_archive("bible-alignments") as archive:
        text = archive.read(f"{FOLDER}alignments/BSB/SBLGNT-BSB-manual.json")
    for record in json.loads(text)["records"]:
        for one in record["source"]:
            for other in record["target"]:
                if one[1:9] == other[:8]:
                    links[other[:8]].add((one, other))
    rows = []
    for verse in sorted(links):
        for words, target, pairs in _cut(_greek()[verse], english[verse], links[verse]):
            sizes = len(words), len(target)
            if min(sizes) >= 2 and sizes[0] <= longest[0] and sizes[1] <= longest[1]:
                columns = [
                    "|".join(word[kind].replace("|", " ") for word in words)
                    for kind in ("text", "lemma", "gloss")
                ]
                said = "|".join(word["text"].lower() for word in target)
                pairs = " ".join(f"{j}-{k}" for j, k in sorted(pairs))
                rows.append([verse, *columns, said, pairs])
    return {"segments": np.array(rows)}


def _cut(greek, english, links):
    """Cut a verse where the English has punctuation and no link crosses.

    Yields:
        Greek words, English words, pairs (English position, Greek position).
    """
    place = {word["id"]: i for i, word in enumerate(greek)}
    pieces = [[]]
    for word in english:
        if word["exclude"] != "y":
            pieces[-1].append(word)
        elif pieces[-1]:
            pieces.append([])
    pieces = [piece for piece in pieces if piece]
    piece_of = {word["id"]: n for n, piece in enumerate(pieces) for word in piece}
    own = defaultdict(set)  # Greek position → pieces that it has a link to
    for one, other in links:
        if one in place and other in piece_of:
            own[place[one]].add(piece_of[other])
    begin = 0
    while begin < len(pieces):
        for end in range(begin + 1, len(pieces) + 1):
            wanted = set(range(begin, end))
            span = [i for i in own if own[i] & wanted]
            if not span:
                continue
            low, high = min(span), max(span)
            if all(own[i] <= wanted for i in range(low, high + 1) if i in own):
                while low and low - 1 not in own:
                    low -= 1  # words without a link go with what follows them
                target = [word for piece in pieces[begin:end] for word in piece]
                where = {word["id"]: j for j, word in enumerate(target)}
                pairs = {
                    (where[other], place[one] - low)
                    for one, other in links
                    if other in where and one in place and low <= place[one] <= high
                }
                yield greek[low : high + 1], target, pairs
                break
        begin = end


def _part(segments, lemmas, words, longest):
    x = np.zeros((len(segments), longest[0]), "int32")
    y = np.zeros((len(segments), longest[1]), "int32")
    for i, segment in enumerate(segments):
        source = [lemmas.get(lemma, UNKNOWN_SOURCE) for lemma in segment.lemmas]
        target = [words.get(word, UNKNOWN) for word in segment.english]
        x[i, : len(source)] = source
        y[i, : len(target) + 2] = [START, *target, END]
    return Part(segments, x, y)


def _common(texts, least):
    """The words of at least so many texts, the most frequent first."""
    counts = Counter(word for text in texts for word in set(text))
    kept = [word for word, count in counts.items() if count >= least]
    return sorted(kept, key=lambda word: (-counts[word], word))


def _hash(text):
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
