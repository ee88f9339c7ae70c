"""The pictures of verdicts: what was measured, against the threshold."""

import matplotlib.pyplot as plt
import numpy as np

from utils.figures.style import COLOURS, plain_log, show

WORTH, HERE = COLOURS[2], "0.15"


def picture(rows, threshold, unit, title, at_most=False, log=False):
    """Draw one row for each thing measured, and the side on which it would do.

    Args:
        rows: name → an interval (with value, low, high), or an array of values.
        threshold: the smallest value that is enough (the largest, if `at_most`).
        unit: of the values.
        title: the claim in words.
        at_most: whether values below the threshold are enough.
        log: whether the axis is logarithmic, if the values are a factor of 5 apart.
    """
    figure, ax = plt.subplots(figsize=(6.4, 0.75 + 0.32 * len(rows)))
    numbers = [_numbers(row) for row in rows.values()]
    inside = np.concatenate([*numbers, [threshold]])
    log = log and inside.max() > 5 * inside.min()  # else its labels overlap
    ends = inside if log else np.append(inside, 0)
    if log:
        ends = np.log10(np.maximum(ends, 1e-300))  # 0 has no place on the axis
    low, high = ends.min(), ends.max()
    low, high = low - 0.08 * (high - low), high + 0.08 * (high - low)
    if log:
        ax.set_xscale("log")
        plain_log(ax.xaxis, high - low)
        low, high = 10.0**low, 10.0**high
    side = (low, threshold) if at_most else (threshold, high)
    ax.axvspan(*side, color=WORTH, alpha=0.15, lw=0)
    ax.axvline(threshold, color=WORTH, lw=1.5, ls="-")
    if not log:
        ax.axvline(0, color="0.6", lw=0.8, ls="-", zorder=0)
    for y, found in enumerate(numbers):
        enough = (found <= threshold if at_most else found >= threshold).all()
        dots = found[:1] if _is_interval(list(rows.values())[y]) else found
        if len(dots) < len(found):
            ax.plot(found[1:], [y, y], color=HERE, lw=2, ls="-")
        ax.plot(dots, np.full(len(dots), y), "o" if enough else "X", color=HERE, ms=6)
    ax.set_yticks(range(len(rows)), rows)
    ax.set(xlim=(low, high), ylim=(len(rows) - 0.4, -0.6), xlabel=unit)
    ax.set_title(title, loc="left", fontsize=10)
    ends = "at most" if at_most else "at least"
    said = "; ".join(f"{name}: {_words(row)}" for name, row in rows.items())
    show(f"{title}. {unit}: {said}. Enough is {ends} {threshold:g}.")


def four_tests(tests):
    """Draw each test's number with its interval (or its values) against what it asks.

    Args:
        tests: name → (interval or array of values, the least that passes, unit).
    """
    axes = plt.subplots(len(tests), 1, figsize=(6.4, 0.95 * len(tests)))[1]
    said = []
    for ax, (name, (found, least, unit)) in zip(axes, tests.items(), strict=True):
        interval, values = _is_interval(found), _numbers(found)
        ends = [*values, least, 0]
        margin = 0.1 * (max(ends) - min(ends))
        right = max(ends) + margin
        ax.axvspan(least, right, color=WORTH, alpha=0.15, lw=0)
        ax.axvline(least, color=WORTH, lw=1.5, ls="-")
        if interval:
            ax.plot([found.low, found.high], [0, 0], color=HERE, lw=2, ls="-")
        dots = values[:1] if interval else values
        enough = (found.low if interval else min(values)) >= least
        ax.plot(dots, [0] * len(dots), "o" if enough else "X", color=HERE, ms=6)
        ax.set(xlim=(min(ends) - margin, right), yticks=[0], xlabel=unit)
        ax.set_yticklabels([name])
        low, high = min(values), max(values)
        said.append(f"{name}, {unit}: {low:.2f} to {high:.2f}, enough is {least:g}")
    show("Four tests, each against what it asks for. " + "; ".join(said) + ".")


def _is_interval(row):
    return hasattr(row, "low")


def _numbers(row):
    if _is_interval(row):
        return np.array([row.value, row.low, row.high])
    return np.asarray(row, float)


def _words(row):
    if _is_interval(row):
        return f"{row.value:.2g}, 95 % interval {row.low:.2g} to {row.high:.2g}"
    return f"{np.min(row):.2g} to {np.max(row):.2g}"
