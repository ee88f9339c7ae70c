"""What a captioner says and where it looks, on scenes in which both are known.

A window is what one annotation vector sees of the picture: 16 × 16 pixels, 8 apart. An
object's region are the windows whose middle lies in the box around its ink.
"""

import itertools

import keras
import numpy as np
from keras import ops
from nltk.translate.bleu_score import corpus_bleu

from data.scenes import END, PLACES, START, draw, where
from utils.translation import look
from utils.verdicts import FALSE, HOLDS, NO_GAIN, NOT_SHOWN, WHEN, difference

WINDOW, STRIDE = 16, 8  # pixels
LEAST = 12  # pixels of a box's side: thin drawings get a wider one


def middles(canvas=64):
    """The middle of each window, row by row: (windows, 2), in pixels."""
    line = np.arange(WINDOW // 2, canvas - WINDOW // 2 + 1, STRIDE)
    return np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1).reshape(-1, 2)


class Eye:
    """What a frozen encoder finds in each window, and which window it is.

    Args:
        encoder: maps (pictures, canvas, canvas, 3) to (pictures, rows, columns, n).
        images: of training scenes; with what it finds there divided by its spread.
    """

    def __init__(self, encoder, images):
        self.encoder, self.spread = encoder, 1
        found = self._found(images)
        self.spread = found[found.any(axis=-1)].std()

    def __call__(self, images):
        """x (pictures, windows, n + rows + columns): the last ones say where it is."""
        found = self._found(images)
        pictures, rows, columns, _ = found.shape
        row = np.broadcast_to(np.eye(rows)[:, None], (pictures, rows, columns, rows))
        column = np.broadcast_to(np.eye(columns), (pictures, rows, columns, columns))
        x = np.concatenate([found, row, column], axis=-1).astype("float32")
        return x.reshape(pictures, rows * columns, -1)

    def _found(self, images):
        return self.encoder.predict(images, batch_size=500, verbose=0) / self.spread


class Uniform(keras.layers.Layer):
    """In the place of `VisualAttention`: the mean of all windows, whoever asks."""

    def build(self, h_shape, a_shape):
        pass  # it has no weights

    def keys(self, a):
        return a

    def call(self, h, a, mask=None, keys=None):
        alpha = ops.ones_like(a[..., 0]) / a.shape[1]
        return ops.mean(a, axis=1), alpha, ops.ones_like(h[:, :1])


def regions(part):
    """(scenes, objects, windows) bools: the region of each object of a `Part`."""
    low, high = np.split(part.boxes[:, :, None].astype(float), 2, axis=-1)
    more = np.maximum(0, LEAST - (high - low)) / 2
    middle = middles(part.images.shape[1])
    return ((middle >= low - more) & (middle < high + more)).all(axis=-1)


def hits(alpha, part, objects, lag=0):
    """Whether the largest weight lies in the region of the object that is named.

    Args:
        alpha: (scenes, time, windows).
        part: the scenes.
        objects: (scenes, time), from `Words.objects`: which object a word names, or -1.
        lag: look at the weights of so many words later.

    Returns:
        (scenes, objects) floats, 1 is a hit; NaN where there is no such word.
    """
    return _at_words(
        np.take_along_axis(regions(part), alpha.argmax(axis=-1)[:, None], axis=-1),
        objects,
        lag,
    )


def mass(alpha, part, objects):
    """The share of the weight in the region of the object named: (scenes, objects)."""
    share = np.einsum("stl,sjl->sjt", alpha, regions(part))
    return _at_words(share, objects, 0)


def _at_words(values, objects, lag):
    """values (scenes, objects, time) at the word of each object, `lag` words later."""
    scenes, count, time = values.shape
    found = np.full((scenes, count), np.nan)
    i, t = np.nonzero(objects >= 0)
    inside = (t + lag >= 0) & (t + lag < time)
    i, t = i[inside], t[inside]
    j = objects[i, t]
    found[i, j] = values[i, j, t + lag]
    return found


def missed(alphas, part, objects):
    """(seeds, scenes): the share of nouns whose largest weight lies elsewhere."""
    return 1 - np.mean([hits(alpha, part, objects) for alpha in alphas], axis=-1)


def by_lag(alphas, part, objects, lags=(-2, -1, 0, 1, 2)):
    """lag → the share of hits there, one number a seed."""
    return {
        lag: [np.nanmean(hits(alpha, part, objects, lag)) for alpha in alphas]
        for lag in lags
    }


def own_attention(model, x, said):
    """α (pictures, time, windows), while the model reads what it has said itself."""
    return look(model, x, np.pad(said, ((0, 0), (1, 0)), constant_values=START))


def told(model, x, part, words, said, chosen):
    """What a captioner says of some scenes, word by word: rows for a figure.

    Args:
        model, x, part: the captioner, what it is given, the scenes.
        words: `Words`.
        said: (scenes, time) ids that it has said.
        chosen: indices of scenes.

    Returns:
        For each: (image, list of (word said, word wanted, its weights, box or None)).
    """
    wanted, objects = words.encode(part)[:, 1:], words.objects(part)
    alpha, rows = own_attention(model, x[chosen], said[chosen]), []
    for i, weights in zip(chosen, alpha, strict=True):
        both = zip(words.read(said[i]), words.read(wanted[i]), strict=False)
        boxes = [part.boxes[i, j] if j >= 0 else None for j in objects[i]]
        line = zip(both, weights, boxes, strict=False)
        rows.append((part.images[i], [(*pair, *rest) for pair, *rest in line]))
    return rows


def texts(words, ids, rows):
    """Captions in English and in Chinese, for a table.

    Args:
        words: "glued" and "Chinese" → `Words`.
        ids: the same names → (scenes, time) ids.
        rows: how many.
    """
    columns = {"English": "glued", "Chinese": "Chinese"}
    return {
        head: [words[name].text(words[name].read(row)) for row in ids[name][:rows]]
        for head, name in columns.items()
    }


def on_others(alpha, part, objects, which):
    """The share of scenes whose peak at the noun of one object lies on another.

    Args:
        alpha, part, objects: as of `hits`.
        which: (scenes,), the object.
    """
    rows, region = np.arange(len(which)), regions(part)
    region[rows, which] = False
    time = (objects == which[:, None]).argmax(axis=1)
    return region.any(axis=1)[rows, alpha[rows, time].argmax(axis=-1)].mean()


def relations(places):
    """The caption's spatial words: where each object lies as seen from the first."""
    return tuple(where(place, places[0]) for place in places[1:])


class Guess:
    """The window that was most often right in training, without a look at the picture.

    Args:
        part: the training scenes.
        read: whether the caption's spatial words are known, or only which of the
            objects is named.
    """

    def __init__(self, part, read):
        self.read, counts = read, {}
        for key, region in zip(self._keys(part), regions(part), strict=True):
            counts[key] = counts.get(key, 0) + region.astype(int)
        self.best = {key: count.argmax(axis=-1) for key, count in counts.items()}
        self.any = sum(counts.values()).argmax(axis=-1)  # for words never read

    def __call__(self, part):
        """As `hits`: (scenes, objects)."""
        guess = np.array([self.best.get(key, self.any) for key in self._keys(part)])
        return (
            np.take_along_axis(regions(part), guess[..., None], axis=-1)[..., 0] * 1.0
        )

    def _keys(self, part):
        return [relations(p) if self.read else () for p in part.places.tolist()]


def by_boxes(part):
    """As `hits`, of a guess that knows the three boxes and not what is drawn in them.

    The caption's spatial words say which object may stand where; if several orders
    agree with them, the guess is the box that most of them name, ties shared.
    """
    found = np.zeros(part.places.shape)
    for right, places in zip(found, part.places.tolist(), strict=True):
        said, count = relations(places), range(len(places))
        fits = [
            order
            for order in itertools.permutations(count)
            if relations([places[k] for k in order]) == said
        ]
        for j in count:
            votes = np.bincount([order[j] for order in fits], minlength=len(places))
            right[j] = (votes[j] == votes.max()) / (votes == votes.max()).sum()
    return found


def bleu(said, y):
    """BLEU-4 (Papineni et al. 2002) of all captions together, by nltk.

    Args:
        said: (captions, time) ids, up to END.
        y: (captions, 1 + time) ids of the right ones, from START on.

    Returns:
        A number from 0 to 1.
    """
    return corpus_bleu([[_words(row[1:])] for row in y], [_words(row) for row in said])


def _words(ids):
    ids = list(map(int, ids))
    return ids[: ids.index(END)] if END in ids else [i for i in ids if i]


def edited(part, seed=0):
    """One object of each scene, chosen at random, moved to a free place, or taken away.

    Returns:
        which: (scenes,), the object; a `Part` with it moved, and one without it.
    """
    rng = np.random.default_rng(seed)
    scenes, count = part.places.shape
    which, rows = rng.integers(count, size=scenes), np.arange(scenes)
    free = rng.random((scenes, PLACES[0] * PLACES[1]))
    np.put_along_axis(free, part.places.astype(int), -1, axis=1)
    places = part.places.copy()
    places[rows, which] = free.argmax(axis=1)
    shown = np.arange(count) != which[:, None]
    canvas = part.images.shape[1]
    moved = draw(part.drawings, places, part.looks, canvas=canvas)
    return which, moved, draw(part.drawings, part.places, part.looks, shown, canvas)


def gain(missed, other):
    """`difference` of errors (seeds, scenes); with one seed, of the scenes alone.

    Args:
        missed: (seeds, scenes).
        other: the same of an opponent, or (scenes,) of one that has no seed.
    """
    missed = np.asarray(missed, float)
    other = np.broadcast_to(other, missed.shape)
    twice = max(1, 3 - len(missed))  # the same seed twice adds no variance
    return difference(*(np.repeat(one, twice, axis=0) for one in (missed, other)))


def verdict_of_dials(found, when):
    """One verdict from those at each setting of several dials.

    Args:
        found: setting, a tuple of values → its verdict, as of `worth`.
        when: value → when it is so, in words.

    Returns:
        HOLDS if at all settings; "HOLDS WHEN …" if at some, and no other is NOT SHOWN.
    """
    passed = {setting for setting, verdict in found.items() if verdict == HOLDS}
    if len(passed) == len(found):
        return HOLDS
    if NOT_SHOWN in found.values():
        return NOT_SHOWN
    if not passed:
        return FALSE if set(found.values()) == {FALSE} else NO_GAIN
    for value, said in when.items():
        if passed == {setting for setting in found if value in setting}:
            return f"{WHEN}{said}"
    return WHEN + ", or ".join(
        " and ".join(when[value] for value in setting) for setting in sorted(passed)
    )
