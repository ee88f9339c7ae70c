"""Verdicts on the claims of `chapters/claims.toml`.

What is claimed and what decides is written there, by people, before the run. A chapter
shows a claim with `claim(id)`, measures, and calls one of its `judge_…` methods: one
picture, one printed line. A claim that algebra or counting settles is a `fact`.
"""

import datetime
import functools
import json
import os
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from IPython.display import Markdown, display
from scipy.stats import t

from utils import course
from utils.figures import verdict as figure

HOLDS = "HOLDS"
NOT_SHOWN = "NOT SHOWN"
FALSE = "FALSE"
NO_GAIN = "NO GAIN HERE"
WHEN = "HOLDS WHEN "
MANY = 4  # intervals that a cell of a table can hold
FROM_WORST = (FALSE, NO_GAIN, NOT_SHOWN, HOLDS)
CLAIMS = course.ROOT / "chapters/claims.toml"
RECORDS = course.ROOT / "benchmarks/full"

_judged = {}  # id → verdict and numbers, in the order of this run
_kept = {}  # name → number without a claim


class WrongVerdict(AssertionError):
    """A verdict differs from the one that the chapter states."""


@dataclass
class Interval:
    """A mean with its 95 % interval, in the unit of what was measured."""

    value: float
    low: float
    high: float

    def __str__(self):
        return f"{self.value:.2g} ({self.low:.2g} … {self.high:.2g})"


def difference(errors, baseline, weights=None, groups=None):
    """By how much `errors` are lower than the `baseline`'s, with seeds paired.

    Seeds and items are two sources of chance. Their variances add, and the degrees of
    freedom follow (Satterthwaite 1946). An item is what was drawn independently: a
    word stem or a hymn, not its letters or frames.

    Args:
        errors, baseline: (seeds, items); row i of both was trained with the same
            seed, column j is the same item. One column if a seed gives one number.
        weights: (items,), what an item counts; by default all count the same.
        groups: (items,), names; items with the same name are one item, as the words
            of a stem are.

    Returns:
        `Interval`; positive is better than the baseline.

    Raises:
        ValueError: the shapes differ, or there are fewer than two seeds.
    """
    errors, baseline = np.asarray(errors, float), np.asarray(baseline, float)
    if errors.shape != baseline.shape or errors.ndim != 2 or len(errors) < 2:
        raise ValueError(
            "errors and baseline must both be (seeds, items) with at least 2 seeds, "
            f"got {errors.shape} and {baseline.shape}."
        )
    gain = baseline - errors
    w = np.ones(gain.shape[1]) if weights is None else np.asarray(weights, float)
    w = w / w.sum()
    if groups is not None:
        _, place = np.unique(groups, return_inverse=True)
        together = np.eye(place.max() + 1)[place]  # (items, groups)
        gain, w = (gain * w) @ together / (w @ together), w @ together
    seeds, items = gain.shape
    of_seeds, of_items = gain @ w, gain.mean(axis=0)
    mean = round(of_seeds.mean(), 12) + 0.0  # what is left beyond that is rounding
    parts = [(of_seeds.var(ddof=1) / seeds, seeds - 1)]
    if items > 1:
        spread = (w**2 * (of_items - mean) ** 2).sum()
        parts.append((items / (items - 1) * spread, items - 1))
    variance = sum(part for part, _ in parts)
    if variance == 0:
        return Interval(*3 * [float(mean)])
    freedom = variance**2 / sum(part**2 / free for part, free in parts)
    half = t.ppf(0.975, freedom) * np.sqrt(variance)
    return Interval(*map(float, (mean, mean - half, mean + half)))


def worth(gain, smallest):
    """The verdict on one difference, by the smallest one worth having.

    HOLDS if the whole interval reaches it, FALSE if the whole interval shows as much
    on the other side, NO GAIN HERE if the whole interval lies below it.
    """
    if gain.low >= smallest:
        return HOLDS
    if gain.high <= -smallest:
        return FALSE
    return NO_GAIN if gain.high < smallest else NOT_SHOWN


def weakest(verdicts):
    """The verdict on a rule with several parts."""
    return min(verdicts, key=FROM_WORST.index)


@dataclass
class Claim:
    """One claim of `chapters/claims.toml`; its head says what each entry means."""

    id: str
    words: str
    whose: str
    kind: str
    quote: str
    rule: str
    data: str
    so: str
    set: datetime.date
    expected: dict
    smallest: float = None
    unit: str = ""
    settles: str = ""
    earned: bool = True
    changed: list = field(default_factory=list)

    def judge_difference(self, gains, guess=...):
        """Judge a difference, or several that must all be large enough.

        Args:
            gains: `Interval`, or name → `Interval`: one for each opponent.
            guess: what the reader expected, printed beside the verdict.
        """
        rows = {"difference": gains} if isinstance(gains, Interval) else gains
        verdict = weakest(worth(gain, self.smallest) for gain in rows.values())
        figure.picture(rows, self.smallest, self.unit, self.words)
        measured = "; ".join(f"{name}: {gain}" for name, gain in rows.items())
        self._conclude(verdict, rows, measured, guess)

    def judge_sweep(self, dial, values, at_most=False, control=None, guess=...):
        """Judge the settings of a dial: one passes if every value of it does.

        A *because* needs a control, the same measure with the cause removed. Where the
        control passes too, the cause is not shown to be one: NOT SHOWN.

        Args:
            dial: its name, as in "gain".
            values: setting → the values measured there, in order of the settings.
            at_most: a value passes if it is at most `smallest`, not at least.
            control: name → the values of the same measure without the cause.
            guess: what the reader expected, printed beside the verdict.
        """
        values = {x: np.ravel(found) for x, found in values.items()}
        passes = {x: self._enough(found, at_most) for x, found in values.items()}
        verdict = _when(dial, passes)
        rows = {f"{dial} {x:g}": found for x, found in values.items()}
        for name, found in (control or {}).items():
            rows[f"control: {name}"] = np.ravel(found)
            if self._enough(np.ravel(found), at_most).any():
                verdict = NOT_SHOWN
        figure.picture(rows, self.smallest, self.unit, self.words, at_most, log=True)
        measured = "; ".join(
            f"{dial} {x:g}: {values[x].min():.2g} … {values[x].max():.2g}"
            for x in _at_the_border(passes)
        )
        self._conclude(verdict, rows, measured, guess)

    def judge_cases(self, condition, cases, guess=...):
        """Judge several cases of a claim: one passes if every value of it does.

        Args:
            condition: what the names of the cases complete, as in "the network is".
            cases: name, as in "trained" → what was measured → its values.
            guess: what the reader expected, printed beside the verdict.
        """
        rows = {
            f"{case}: {name}": np.ravel(found)
            for case, measures in cases.items()
            for name, found in measures.items()
        }
        passed = [
            case
            for case, measures in cases.items()
            if all(self._enough(np.ravel(found)).all() for found in measures.values())
        ]
        refuted = all(
            any(not self._enough(np.ravel(found)).any() for found in measures.values())
            for measures in cases.values()
        )
        verdict = FALSE if refuted else NOT_SHOWN
        if passed:
            all_of_them = len(passed) == len(cases)
            verdict = (
                HOLDS if all_of_them else f"{WHEN}{condition} {' or '.join(passed)}"
            )
        figure.picture(rows, self.smallest, self.unit, self.words)
        measured = "; ".join(
            f"{name}: {found.min():.2g} … {found.max():.2g}"
            for name, found in rows.items()
        )
        self._conclude(verdict, rows, measured, guess)

    def _enough(self, values, at_most=False):
        """Whether each value is as large (as small) as the claim asks for."""
        return values <= self.smallest if at_most else values >= self.smallest

    def judge(self, verdict, numbers=None, guess=...):
        """Give a verdict that the chapter has worked out itself, with its numbers.

        Args:
            verdict: HOLDS, "HOLDS WHEN …", NOT SHOWN, FALSE or NO GAIN HERE.
            numbers: name → number or `Interval`, shown as a table.
            guess: what the reader expected, printed beside the verdict.

        Raises:
            WrongVerdict: as in `_conclude`.
        """
        if numbers:
            rows = [f"| {name} | {_short(value)} |" for name, value in numbers.items()]
            display(Markdown("\n".join(["| measured | |", "|---|---|", *rows])))
        self._conclude(verdict, numbers or {}, "", guess)

    def _conclude(self, verdict, numbers, measured, guess):
        """Print the verdict, keep the numbers behind it, compare with the stated one.

        Raises:
            WrongVerdict: the verdict is not the stated one and COURSE_STRICT is 1.
                A reader is told of the difference instead.
        """
        _known(verdict)
        numbers = {name: _plain(value) for name, value in numbers.items()}
        found = {"verdict": verdict, "measured": measured, "numbers": numbers}
        _judged[self.id] = found
        stated = self.stated()
        said = "" if guess in (..., "", None) else f" (your guess: {guess})"
        if stated is None and course.scale.name == "small":
            print(f"{self.id}: {self.at_full_scale()}{said}")
            return
        print(f"{self.id}: {verdict}{said}")
        if stated in (None, verdict) or course.smoke():
            return
        message = (
            f"{self.id}: the chapter states {stated}, and this run found {verdict}."
        )
        if course.strict():
            raise WrongVerdict(f"{message} Numbers: {numbers or 'none'}.")
        print(
            f"{message} If you changed the network, the data or the budget, this is "
            "your result. If you changed nothing, please report it: a verdict must "
            "not depend on the machine."
        )

    def stated(self):
        """The verdict that the chapter states at this scale, or None."""
        return self.expected.get(course.scale.name)

    def at_full_scale(self):
        """Where a claim is judged that is only shown at small scale."""
        found = recorded(self.id)
        if not found:
            return "judged at full scale (not run yet)"
        return f"judged at full scale ({found['date']}: {found['verdict']})"

    def show(self):
        """Show claim and rule, as they were written down before the run."""
        whose = "The document" if self.whose == "document" else "Our claim"
        lines = [f"**{self.id}.** {whose}: {self.quote}"]
        if self.rule:
            lines.append(f"**Rule, set on {self.set}.** {self.rule}")
        lines += [
            f"**Changed on {change['on']}.** {change['what']}, because {change['why']}."
            for change in self.changed
        ]
        display(Markdown("<br>".join(lines)))


def claim(id):
    """Show a claim and the rule that will judge it; returns the `Claim`.

    Raises:
        KeyError: `chapters/claims.toml` has no such claim.
    """
    found = _claim(id)
    found.show()
    return found


def fact(id, holds, when=None, number=""):
    """The verdict on a claim that algebra, counting or differentiation settles.

    Args:
        id: of the claim.
        holds: whether it is so.
        when: the condition under which it holds, if there is one.
        number: what was counted, for the last table.

    Raises:
        WrongVerdict: as in `Claim.judge`.
    """
    found = _claim(id)
    found.show()
    verdict = FALSE if not holds else f"{WHEN}{when}" if when else HOLDS
    found._conclude(verdict, {}, str(number), ...)


def keep(numbers):
    """Put numbers that no claim asks for, name → number, into the record."""
    _kept.update({name: _plain(value) for name, value in numbers.items()})


def what_we_found():
    """Show what this run found, beside what the chapter states, in words.

    What was measured is that of the run which the verdict rests on. Under `make full`,
    and only there, the verdicts are written down.
    """
    path = os.environ.get("COURSE_RECORD")
    if path:
        found = {"claims": _judged, "numbers": _kept}
        text = json.dumps(found, indent=1, ensure_ascii=False)
        Path(path).write_text(text + "\n", encoding="utf-8")
    heads = ("claim", "this run", "the chapter states", "full scale", "measured")
    rows = [f"| {' | '.join(heads)} | so you should |", "|---|---|---|---|---|---|"]
    for id, found in _judged.items():
        entry, full = _claim(id), recorded(id)
        judged_here = entry.stated() or course.scale.name == "full"
        cells = [
            f"{entry.words} ({id})",
            found["verdict"] if judged_here else "shown only",
            entry.stated() or "–",
            "under review"
            if not entry.earned
            else full["verdict"]
            if full
            else "not run",
            _measured(found if judged_here else full or found),
            entry.so,
        ]
        rows.append(f"| {' | '.join(cells)} |")
    display(Markdown("\n".join(rows)))


def recorded(id):
    """The full-scale record of a claim: verdict, numbers, date, device; or None."""
    for path in sorted(RECORDS.glob("*.json")):
        record = json.loads(path.read_text("utf-8"))
        if id in record["claims"]:
            about = {name: record[name] for name in ("date", "device", "minutes")}
            return about | record["claims"][id]
    return None


@functools.cache
def claims(path=CLAIMS):
    """id → `Claim`, for all claims of the course, in the order of the file."""
    entries = tomllib.loads(path.read_text("utf-8"))
    return {id: Claim(id, **entry) for id, entry in entries.items()}


def _claim(id):
    known = claims()
    if id not in known:
        raise KeyError(f"{id} is no claim of chapters/claims.toml.")
    return known[id]


def _when(dial, passes):
    """The verdict on a sweep, from setting → whether each value there passes."""
    settings = list(passes)
    passed = [x for x in settings if passes[x].all()]
    if len(passed) == len(settings):
        return HOLDS
    if not passed:
        return NOT_SHOWN if any(p.any() for p in passes.values()) else FALSE
    low, high = passed[0], passed[-1]
    if passed != settings[settings.index(low) : settings.index(high) + 1]:
        return NOT_SHOWN  # it passes here and there
    if low == settings[0]:
        return f"{WHEN}the {dial} is at most {high:g}"
    if high == settings[-1]:
        return f"{WHEN}the {dial} is at least {low:g}"
    return f"{WHEN}the {dial} is between {low:g} and {high:g}"


def _at_the_border(passes):
    """The settings of a sweep on both sides of each change from pass to fail."""
    settings = list(passes)
    border = []
    for one, other in zip(settings, settings[1:], strict=False):
        if passes[one].all() != passes[other].all():
            border += [x for x in (one, other) if x not in border]
    return border or [settings[0], settings[-1]]


def _measured(found):
    """What was measured, in words: as its judge put it, or its intervals, if few."""
    values = found["numbers"].items()
    rows = [
        f"{name}: {Interval(*value)}"
        for name, value in values
        if isinstance(value, list) and len(value) == 3
    ]
    return found["measured"] or "; ".join(rows if len(rows) <= MANY else [])


def _known(verdict):
    if verdict in FROM_WORST:
        return
    if not verdict.startswith(WHEN) or verdict == WHEN:
        raise ValueError(
            f"{verdict!r} is no verdict: use HOLDS, 'HOLDS WHEN …', NOT SHOWN, FALSE "
            "or NO GAIN HERE."
        )


def _plain(value):
    if isinstance(value, Interval):
        return [float(x) for x in (value.value, value.low, value.high)]
    return np.asarray(value, float).tolist()


def _short(value):
    return str(value) if isinstance(value, Interval) else f"{value:.3g}"
