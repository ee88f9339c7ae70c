"""Claims, the rule that judges each, and the verdict that is printed and checked.

A chapter writes a `Claim` in a cell *before* the run, with the rule that decides it,
and calls `judge` after the run. One line is printed and compared by nbval; numbers
and intervals go into a table that is shown and not compared, since they differ
between machines.
"""

import datetime
import json
from dataclasses import dataclass

import numpy as np
from IPython.display import Markdown, display

from utils.course import ROOT, commit, device, strict

HOLDS = "HOLDS"
NOT_SHOWN = "NOT SHOWN"
FALSE = "FALSE"
WHEN = "HOLDS WHEN "
RECORDS = ROOT / "benchmarks" / "full"

_judged = {}


class WrongVerdict(AssertionError):
    """A verdict differs from the one that the chapter states."""


@dataclass
class Claim:
    """One claim, committed before the run that judges it.

    Args:
        id: section and a word, as in "4.1-past".
        quote: the claim under test, in the document's words or ours.
        rule: what decides, with every threshold in it.
        expected: the verdict the chapter states, for this scale.
    """

    id: str
    quote: str
    rule: str
    expected: str

    def __post_init__(self):
        _known(self.expected)
        display(
            Markdown(
                f"**Claim {self.id}.** {self.quote}<br>**Rule, set beforehand.** "
                f"{self.rule}"
            )
        )

    def judge(self, verdict, numbers=None):
        """Print the verdict, show the numbers behind it, check it.

        Args:
            verdict: HOLDS, "HOLDS WHEN …", NOT SHOWN or FALSE.
            numbers: what the rule was applied to: name → number or `Interval`.

        Raises:
            WrongVerdict: the verdict is not the expected one and COURSE_STRICT is 1.
                Otherwise the difference is explained to the reader.
        """
        _known(verdict)
        numbers = numbers or {}
        _judged[self.id] = {"verdict": verdict, "numbers": _plain(numbers)}
        if numbers:
            display(Markdown(table(numbers)))
        print(f"{self.id}: {verdict} (rule: {self.rule})")
        if verdict == self.expected:
            return
        message = (
            f"{self.id}: the chapter states {self.expected}, and this run found "
            f"{verdict}."
        )
        if strict():
            found = ", ".join(f"{k} = {v}" for k, v in _plain(numbers).items())
            raise WrongVerdict(f"{message} Numbers: {found or 'none'}.")
        print(
            f"{message} If you changed the model, the data or the budget above, this "
            "is your result, and the table says how far it is from the rule. If you "
            "changed nothing, please report it: a verdict must not depend on the "
            "machine."
        )


@dataclass
class Interval:
    """A number with its 95 % interval, in the unit of what was measured."""

    value: float
    low: float
    high: float


@dataclass
class Comparison(Interval):
    """By how much one variant is better than another; positive is better."""

    smallest: float

    @property
    def verdict(self):
        """HOLDS, FALSE or NOT SHOWN, by the smallest difference worth having."""
        if self.low >= self.smallest:
            return HOLDS
        return FALSE if self.high < self.smallest else NOT_SHOWN


def compare(errors, baseline, smallest, weights=None, draws=2000):
    """How much lower `errors` are than the `baseline`'s, with seeds paired.

    The 95 % interval comes from a bootstrap that draws seeds and test items together
    (Owen 2007, "The pigeonhole bootstrap"): three seeds alone say little.

    Args:
        errors, baseline: (seeds, items), one error a test item; row i of both was
            trained with the same seed, column j is the same item.
        smallest: the smallest difference worth having, in the unit of the errors.
        weights: (items,), what an item counts; by default all count the same.
        draws: number of bootstrap samples.

    Raises:
        ValueError: the shapes differ, or there are fewer than two seeds.
    """
    errors, baseline = np.asarray(errors, float), np.asarray(baseline, float)
    if errors.shape != baseline.shape or errors.ndim != 2 or len(errors) < 2:
        raise ValueError(
            "errors and baseline must both be (seeds, items) with at least 2 seeds, "
            f"got {errors.shape} and {baseline.shape}."
        )
    seeds, items = errors.shape
    weights = np.ones(items) if weights is None else np.asarray(weights, float)
    gain = baseline - errors
    rng = np.random.default_rng(0)
    sampled = np.empty(draws)
    for i in range(draws):
        of_seeds = rng.multinomial(seeds, np.full(seeds, 1 / seeds))
        of_items = rng.multinomial(items, np.full(items, 1 / items)) * weights
        sampled[i] = of_seeds @ gain @ of_items / seeds / of_items.sum()
    low, high = np.percentile(sampled, [2.5, 97.5])
    value = (gain.mean(axis=0) @ weights) / weights.sum()
    return Comparison(float(value), float(low), float(high), smallest)


def weakest(verdicts):
    """The verdict on a rule with several parts: FALSE, else NOT SHOWN, else HOLDS."""
    return min(verdicts, key=(FALSE, NOT_SHOWN, HOLDS).index)


def table(numbers):
    """The numbers as a Markdown table."""
    rows = ["| measured | value | 95 % interval |", "|---|---|---|"]
    for name, number in numbers.items():
        bounds = ""
        if isinstance(number, Interval):
            bounds = f"{number.low:.3g} … {number.high:.3g}"
            number = number.value
        rows.append(f"| {name} | {number:.3g} | {bounds} |")
    return "\n".join(rows)


def what_we_found(chapter, scale):
    """Show the chapter's verdicts at both scales; at full scale, record them.

    Args:
        chapter: the notebook's name, as in "4_0_recurrent_layer".
        scale: the `Scale` of this run.
    """
    path = RECORDS / f"{chapter}.json"
    if scale.name == "full":
        record = {
            "date": datetime.date.today().isoformat(),
            "device": device(),
            "commit": commit(),
            "claims": _judged,
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n")
    full = json.loads(path.read_text()) if path.exists() else None
    columns = {"small scale (two CPU cores)": _judged if scale.name == "small" else {}}
    title = "full scale (GPU)"
    if full:
        title = f"full scale ({full['date']}, {full['device']})"
    columns[title] = full["claims"] if full else {}
    ids = sorted({i for column in columns.values() for i in column})
    rows = [f"| claim | {' | '.join(columns)} |", "|---|---|---|"]
    for i in ids:
        cells = [c[i]["verdict"] if i in c else "not run" for c in columns.values()]
        rows.append(f"| {i} | {' | '.join(cells)} |")
    display(Markdown("\n".join(rows)))


def _known(verdict):
    if verdict in (HOLDS, NOT_SHOWN, FALSE):
        return
    if not verdict.startswith(WHEN) or verdict == WHEN:
        raise ValueError(
            f"{verdict!r} is no verdict: use HOLDS, 'HOLDS WHEN …', NOT SHOWN or FALSE."
        )


def _plain(numbers):
    return {
        name: [n.value, n.low, n.high] if isinstance(n, Interval) else float(n)
        for name, n in numbers.items()
    }
