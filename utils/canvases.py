"""Scores of networks that name the two digits of `data.mnist5k.canvases`."""

import numpy as np

from utils.verdicts import FALSE, HOLDS, NOT_SHOWN, WHEN, difference


def digits_of(canvases):
    """(pictures,) twice: numbers of the left and of the right digit, by their pixels.

    Two pictures with the same digit are not independent: an item is a digit.
    """
    size = canvases.images.shape[1]
    starts = np.zeros_like(canvases.distance), canvases.distance
    found = []
    for start in starts:
        columns = start[:, None] + np.arange(size)
        crops = canvases.images[np.arange(len(start))[:, None], :, columns]
        flat = crops.reshape(len(crops), -1)
        found.append(np.unique(flat, axis=0, return_inverse=True)[1].ravel())
    return found


def gain(right, other, digits):
    """By how much more often `right` is right: `difference`, or of one seed its items.

    Args:
        right, other: (seeds, pictures) of bools; `other` may be 0.
        digits: (pictures,), as of `digits_of`.
    """
    right = np.asarray(right, float)
    other = np.broadcast_to(np.asarray(other, float), right.shape)
    twice = max(1, 3 - len(right))  # the same seed twice adds no variance
    errors = (np.repeat(1 - one, twice, axis=0) for one in (right, other))
    return difference(*errors, groups=digits)


def by_distance(right, canvases):
    """Distance → `Interval` of the share right; 0 is the digit at the ring.

    Args:
        right: (seeds, pictures, 2) of bools, for the left and the right digit.
    """
    left, other = digits_of(canvases)
    found = {0: gain(right[:, :, 0], 0, left)}
    for distance in np.unique(canvases.distance):
        at = canvases.distance == distance
        found[int(distance)] = gain(right[:, at, 1], 0, other[at])
    return found


def far_and_near(lacking, shares, beyond):
    """The verdict on 4.1-far, by its rule.

    Args:
        lacking: RNN → `Interval`, how much more often it names the near digit than
            the stack does (so, negative where it is worse).
        shares: network → distance → `Interval`, as of `by_distance`.
        beyond: the distances at which the stack's window ends before the digit.
    """
    far = {n: [i for d, i in found.items() if d] for n, found in shares.items()}
    low = {n: min(i.low for i in found) for n, found in far.items()}
    high = {n: min(i.high for i in found) for n, found in far.items()}
    passes = {n for n in lacking if lacking[n].low >= -0.1 and low[n] >= 0.5}
    fails = {n for n in lacking if lacking[n].high < -0.1 or high[n] < 0.5}
    blind = [shares["stack"][d] for d in beyond]
    if any(i.low > 0.2 for i in blind) or fails == set(lacking):
        return FALSE
    composed = {"ReNet", "multi-dimensional"}
    if not composed <= passes or any(i.high > 0.2 for i in blind):
        return NOT_SHOWN
    conditions = ["the sweeps are composed"] if "four directions" in fails else []
    if low["dilated"] >= 0.5:
        conditions.append("the window ends before the digit")
    elif max(i.high for i in far["dilated"]) > 0.2:
        return NOT_SHOWN
    return WHEN + " and ".join(conditions) if conditions else HOLDS


def narrowest(shares, wanted):
    """The narrowest network that is good enough, and the next wider one; or None.

    Args:
        shares: units → share right, in rising order.
        wanted: the share that is enough.
    """
    units = list(shares)
    for one, wider in zip(units, units[1:], strict=False):
        if shares[one] >= wanted:
            return one, wider
    return None
