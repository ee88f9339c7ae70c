"""Verdicts: rules come from a file, a wrong one raises, intervals cover."""

import datetime
import json

import numpy as np
import pytest

from utils import course, verdicts
from utils.course import Scale
from utils.verdicts import (
    FALSE,
    HOLDS,
    NO_GAIN,
    NOT_SHOWN,
    Interval,
    claims,
    difference,
    fact,
    weakest,
    what_we_found,
    worth,
)

ENTRY = """
["4.9-wet"]
words = "Water is wet"
whose = "document"
kind = "measured"
quote = "水是湿的"
rule = "Wetness is higher by at least 0.1, with the whole interval."
smallest = 0.1
unit = "wetness"
data = "water"
so = "take an umbrella"
set = 2026-11-24
expected = { small = "HOLDS", full = "HOLDS" }
changed = [{ on = 2026-11-25, what = "0.1 instead of 0.2", why = "it rained" }]

["4.9-dry"]
words = "Sand is dry"
whose = "ours"
kind = "measured"
quote = "Sand is dry."
rule = "As above."
smallest = 0.1
unit = "dryness"
data = "sand"
so = "bring water"
set = 2026-11-24
expected = { full = "NOT SHOWN" }
"""


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A claims file of two claims, an empty folder of records, small scale."""
    path = tmp_path / "claims.toml"
    path.write_text(ENTRY, "utf-8")
    entries = claims(path)
    shown = []
    monkeypatch.setattr(verdicts, "claims", lambda: entries)
    monkeypatch.setattr(verdicts, "RECORDS", tmp_path / "full")
    monkeypatch.setattr(verdicts, "_judged", {})
    monkeypatch.setattr(verdicts, "display", lambda text: shown.append(text.data))
    monkeypatch.setattr(verdicts.figure, "show", shown.append)
    monkeypatch.setattr(course, "scale", Scale("small"))
    for name in ("COURSE_STRICT", "COURSE_RECORD", "COURSE_SMOKE"):
        monkeypatch.delenv(name, raising=False)
    return shown


def record(tmp_path, claim, verdict):
    """Write what `make full` would have written."""
    about = {"date": "2026-11-30", "device": "a GPU", "minutes": 3}
    numbers = {"rain": [0.05, 0.01, 0.09], "share": 0.5, "fog": [0.04, -0.01, 0.09]}
    judged = {claim: {"verdict": verdict, "measured": "", "numbers": numbers}}
    (tmp_path / "full").mkdir()
    text = json.dumps({**about, "claims": judged})
    (tmp_path / "full/4_9.json").write_text(text)


def found(id):
    """The verdict of this run."""
    return verdicts._judged[id]["verdict"]


def test_a_claim_shows_quote_rule_date_and_changes(book):
    wet = verdicts.claim("4.9-wet")
    assert wet.set == datetime.date(2026, 11, 24)
    (text,) = book
    for part in ("The document: 水是湿的", "set on 2026-11-24", "it rained"):
        assert part in text
    assert "HOLDS" not in text  # the expected verdict stands nowhere before the run


def test_an_unknown_claim_is_one_clear_error(book):
    with pytest.raises(KeyError, match="4.9-no is no claim of chapters/claims.toml"):
        verdicts.claim("4.9-no")


def test_one_picture_with_numbers_and_one_line_without(book, capsys):
    gains = {"rain": Interval(0.3, 0.2, 0.4), "fog": Interval(0.2, 0.15, 0.3)}
    verdicts.claim("4.9-wet").judge_difference(gains, guess="FALSE")
    assert capsys.readouterr().out == "4.9-wet: HOLDS (your guess: FALSE)\n"
    alt = book[-1]
    assert "rain: 0.3, 95 % interval 0.2 to 0.4" in alt and "at least 0.1" in alt


def test_the_weakest_of_several_differences_decides(book, monkeypatch):
    monkeypatch.setattr(course, "scale", Scale("full"))
    gains = {"rain": Interval(0.3, 0.2, 0.4), "fog": Interval(0.1, 0.05, 0.3)}
    verdicts.claim("4.9-dry").judge_difference(gains)
    assert found("4.9-dry") == NOT_SHOWN


def test_a_wrong_verdict_raises_when_strict(book, monkeypatch):
    monkeypatch.setenv("COURSE_STRICT", "1")
    with pytest.raises(verdicts.WrongVerdict, match="states HOLDS.*found FALSE.*-0.2"):
        verdicts.claim("4.9-wet").judge_difference(Interval(-0.2, -0.3, -0.15))


def test_a_wrong_verdict_explains_itself_to_a_reader(book, capsys):
    verdicts.claim("4.9-wet").judge_difference(Interval(-0.2, -0.3, -0.15))
    line, explanation = capsys.readouterr().out.splitlines()
    assert line == "4.9-wet: FALSE"
    assert "states HOLDS" in explanation and "If you changed" in explanation


def test_what_is_judged_at_full_scale_is_only_shown_at_small(
    book, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("COURSE_STRICT", "1")
    dry = verdicts.claim("4.9-dry")
    dry.judge_difference(Interval(0.3, 0.2, 0.4))
    assert capsys.readouterr().out == "4.9-dry: judged at full scale (not run yet)\n"
    record(tmp_path, "4.9-dry", NOT_SHOWN)
    dry.judge_difference(Interval(0.3, 0.2, 0.4), guess="HOLDS")
    said = "4.9-dry: judged at full scale (2026-11-30: NOT SHOWN) (your guess: HOLDS)\n"
    assert capsys.readouterr().out == said
    what_we_found()
    measured = "rain: 0.05 (0.01 … 0.09); fog: 0.04 (-0.01 … 0.09)"
    assert f"| shown only | – | NOT SHOWN | {measured} |" in book[-1]


def test_a_table_has_no_room_for_many_intervals(book):
    rows = {f"gain {k}": Interval(0.3, 0.2, 0.4) for k in range(5)}
    verdicts.claim("4.9-wet").judge(HOLDS, rows)
    what_we_found()
    assert "| HOLDS | HOLDS | not run |  |" in book[-1]


def test_a_difference_that_is_rounding_only_is_none():
    errors = np.array([[0.1, 0.2, 0.3], [0.3, 0.1, 0.2]])
    other = errors + np.array([[0.1, 0.2, 0.3], [-0.1, -0.2, -0.3]])
    assert (other - errors).mean() != 0
    gain = difference(errors, other)
    assert gain.value == 0 and str(gain).startswith("0 (-")


def test_a_fact_needs_no_experiment(book, capsys):
    fact("4.9-wet", True, number="7 of 7")
    assert capsys.readouterr().out == "4.9-wet: HOLDS\n"
    what_we_found()
    assert "| Water is wet (4.9-wet) | HOLDS | HOLDS | not run | 7 of 7 |" in book[-1]
    fact("4.9-dry", True, when="the sun shines")
    assert found("4.9-dry") == "HOLDS WHEN the sun shines"
    fact("4.9-dry", False, when="the sun shines")
    assert found("4.9-dry") == FALSE


@pytest.mark.parametrize("word", ["holds", "TRUE", "HOLDS WHEN ", ""])
def test_only_the_five_verdicts_exist(book, word):
    with pytest.raises(ValueError, match="is no verdict"):
        verdicts.claim("4.9-wet").judge(word)


SWEEPS = {
    HOLDS: {1: [0.2, 0.3], 2: [0.2, 0.2], 3: [0.5, 0.4]},
    FALSE: {1: [0.01, 0.02], 2: [0.01, 0.02]},
    "HOLDS WHEN the dial is at least 2": {1: [0.2, 0.01], 2: [0.2, 0.2], 3: [1, 1]},
    "HOLDS WHEN the dial is at most 1": {1: [0.2, 0.3], 2: [0.2, 0.05], 3: [0.01]},
    "HOLDS WHEN the dial is between 2 and 3": {1: [0.01], 2: [1], 3: [1], 4: [0.01]},
}


@pytest.mark.parametrize("verdict", SWEEPS)
def test_a_sweep_says_where_on_the_dial_it_holds(book, verdict):
    verdicts.claim("4.9-dry").judge_sweep("dial", SWEEPS[verdict])
    assert found("4.9-dry") == verdict


@pytest.mark.parametrize(
    "values", [{1: [1], 2: [0.01], 3: [1]}, {1: [0.2, 0.01], 2: [0.2, 0.01]}]
)
def test_a_sweep_that_passes_here_and_there_shows_nothing(book, values):
    verdicts.claim("4.9-dry").judge_sweep("dial", values)
    assert found("4.9-dry") == NOT_SHOWN


def test_a_sweep_can_ask_for_small_values(book):
    values = {1: [1e-5, 1e-4], 2: [0.5, 1e-4]}
    verdicts.claim("4.9-dry").judge_sweep("gain", values, at_most=True)
    assert found("4.9-dry") == "HOLDS WHEN the gain is at most 1"


def test_a_because_is_not_shown_if_its_control_passes_too(book):
    values = {1: [0.2, 0.3], 2: [0.01, 0.01]}
    dry = verdicts.claim("4.9-dry")
    dry.judge_sweep("dial", values, control={"sand": [0.02]})
    assert found("4.9-dry") == "HOLDS WHEN the dial is at most 1"
    dry.judge_sweep("dial", values, control={"sand": [0.2, 0.01]})
    assert found("4.9-dry") == NOT_SHOWN
    assert "control: sand: 0.01 to 0.2" in book[-1]


@pytest.mark.parametrize(
    "fresh, old, verdict",
    [
        ([0.2], [0.3], HOLDS),
        ([0.01], [0.3, 0.2], "HOLDS WHEN water is old"),
        ([0.01], [0.05], FALSE),
        ([0.01], [0.3, 0.05], NOT_SHOWN),
    ],
)
def test_cases_say_which_of_them_holds(book, fresh, old, verdict):
    cases = {"fresh": {"dryness": fresh}, "old": {"dryness": old, "dust": [1.0]}}
    verdicts.claim("4.9-dry").judge_cases("water is", cases)
    assert found("4.9-dry") == verdict


def test_only_make_full_writes_a_record(book, tmp_path, monkeypatch):
    verdicts.claim("4.9-wet").judge_difference(Interval(0.3, 0.2, 0.4))
    verdicts.keep({"rain in mm": 3})
    monkeypatch.setattr(course, "scale", Scale("full"))
    before = set(tmp_path.iterdir())
    what_we_found()
    assert set(tmp_path.iterdir()) == before
    path = tmp_path / "found.json"
    monkeypatch.setenv("COURSE_RECORD", str(path))
    what_we_found()
    record = json.loads(path.read_text("utf-8"))
    assert record["numbers"] == {"rain in mm": 3}
    kept = record["claims"]["4.9-wet"]
    assert kept["verdict"] == HOLDS
    assert kept["numbers"] == {"difference": [0.3, 0.2, 0.4]}


@pytest.mark.parametrize(
    "low, high, verdict",
    [
        (0.02, 0.05, HOLDS),
        (-0.01, 0.019, NO_GAIN),
        (0.01, 0.03, NOT_SHOWN),
        (-0.05, -0.02, FALSE),
        (-0.05, -0.019, NO_GAIN),
        (-0.05, 0.05, NOT_SHOWN),
    ],
)
def test_an_interval_is_judged_by_the_smallest_difference(low, high, verdict):
    assert worth(Interval((low + high) / 2, low, high), 0.02) == verdict


def test_a_rule_with_several_parts_is_as_weak_as_its_weakest():
    assert weakest([HOLDS, HOLDS]) == HOLDS
    assert weakest([HOLDS, NOT_SHOWN]) == NOT_SHOWN
    assert weakest([NOT_SHOWN, NO_GAIN, HOLDS]) == NO_GAIN
    assert weakest([NO_GAIN, FALSE, NOT_SHOWN]) == FALSE


@pytest.mark.parametrize("seeds", [3, 5])
@pytest.mark.parametrize("share", [0, 0.5, 0.9, 1])
def test_the_interval_covers_the_truth_about_95_times_in_100(seeds, share):
    """`share`: of the variance, how much comes from the seeds."""
    rng = np.random.default_rng(0)
    items, worlds, covered = 100, 4000, 0
    for _ in range(worlds):
        gain = 1 + rng.normal(size=(seeds, 1)) * np.sqrt(share * seeds)
        gain = gain + rng.normal(size=(1, items)) * np.sqrt((1 - share) * items)
        gain = gain + 0.5 * rng.normal(size=(seeds, items))
        found = difference(np.zeros_like(gain), gain)
        covered += found.low <= 1 <= found.high
    # with 3 seeds that make nine tenths of the variance, .918 of 18,000 worlds
    least = 0.93 if seeds == 5 else 0.90
    assert least * worlds <= covered <= 0.97 * worlds


def test_the_interval_follows_its_formula():
    rng = np.random.default_rng(1)
    gain, weights = rng.normal(size=(3, 4)), np.array([1.0, 2.0, 3.0, 4.0])
    found = difference(np.zeros((3, 4)), gain, weights)
    w = weights / 10
    r, c, m = gain @ w, gain.mean(axis=0), gain.mean(axis=0) @ w
    va, vb = r.var(ddof=1) / 3, 4 / 3 * (w**2 * (c - m) ** 2).sum()
    df = (va + vb) ** 2 / (va**2 / 2 + vb**2 / 3)
    half = verdicts.t.ppf(0.975, df) * np.sqrt(va + vb)
    assert (found.value, found.low) == pytest.approx((m, m - half))


def test_one_number_a_seed_is_enough():
    found = difference(np.zeros((3, 1)), np.array([[1.0], [2.0], [3.0]]))
    half = 4.302653 * 1 / np.sqrt(3)  # t for 2 degrees of freedom, standard error
    assert found.value == 2 and found.low == pytest.approx(2 - half, abs=1e-5)


def test_items_of_one_group_are_one_item():
    rng = np.random.default_rng(0)
    gain = rng.normal(size=(1, 6)) + 0.1 * rng.normal(size=(3, 6))
    twice = np.repeat(gain, 2, axis=1)
    once = difference(np.zeros((3, 6)), gain)
    groups = np.repeat(list("abcdef"), 2)
    grouped = difference(np.zeros((3, 12)), twice, groups=groups)
    assert grouped.low == pytest.approx(once.low)
    alone = difference(np.zeros((3, 12)), twice)
    assert alone.low > once.low  # near-copies pass for evidence


def test_pairing_removes_what_two_variants_share():
    shared = np.random.default_rng(0).normal(0, 10, (3, 50))
    found = difference(shared, shared + 1)
    assert found.low == pytest.approx(1) and found.high == pytest.approx(1)


def test_items_count_by_their_weight():
    errors, baseline = np.zeros((2, 2)), np.array([[1.0, 0.0]] * 2)
    assert difference(errors, baseline, [3, 1]).value == pytest.approx(0.75)


@pytest.mark.parametrize("shape", [(1, 5), (5,), (2, 4)])
def test_seeds_must_be_paired(shape):
    with pytest.raises(ValueError, match="at least 2 seeds"):
        difference(np.zeros(shape), np.zeros((2, 5)))
