"""Verdicts: a wrong one raises, an edited chapter explains, intervals are honest."""

import json

import numpy as np
import pytest

from utils import verdicts
from utils.course import Scale
from utils.verdicts import FALSE, HOLDS, NOT_SHOWN, Claim, compare, what_we_found


@pytest.fixture
def claim(monkeypatch):
    monkeypatch.setattr(verdicts, "_judged", {})
    monkeypatch.delenv("COURSE_STRICT", raising=False)
    return Claim("4.9-test", "Water is wet.", "wetness above 0.5", HOLDS)


def printed(capsys):
    """What nbval compares; outside of a notebook, Markdown prints its type."""
    lines = capsys.readouterr().out.splitlines()
    return [line for line in lines if "Markdown object" not in line]


def test_the_compared_line_has_id_verdict_and_rule_but_no_number(claim, capsys):
    claim.judge(HOLDS, {"wetness": 0.8123})
    assert printed(capsys) == ["4.9-test: HOLDS (rule: wetness above 0.5)"]


def test_a_wrong_verdict_raises_when_strict(claim, monkeypatch):
    monkeypatch.setenv("COURSE_STRICT", "1")
    with pytest.raises(verdicts.WrongVerdict, match="states HOLDS.*found FALSE.*0.2"):
        claim.judge(FALSE, {"wetness": 0.2})


def test_a_wrong_verdict_explains_itself_to_a_reader(claim, capsys):
    claim.judge(FALSE, {"wetness": 0.2})
    line, explanation = printed(capsys)
    assert line.startswith("4.9-test: FALSE")
    assert "states HOLDS" in explanation and "If you changed" in explanation


@pytest.mark.parametrize("word", ["holds", "TRUE", "HOLDS WHEN ", ""])
def test_only_the_four_verdicts_exist(claim, word):
    with pytest.raises(ValueError, match="is no verdict"):
        claim.judge(word)
    with pytest.raises(ValueError, match="is no verdict"):
        Claim("4.9-test", "Water is wet.", "wetness above 0.5", word)


def test_the_table_shows_intervals():
    text = verdicts.table({"a": 0.12345, "b": verdicts.Interval(1.5, 1.25, 1.75)})
    assert "| a | 0.123 |  |" in text and "| b | 1.5 | 1.25 … 1.75 |" in text


@pytest.mark.parametrize(
    "low, high, verdict",
    [(0.03, 0.05, HOLDS), (-0.01, 0.019, FALSE), (0.01, 0.03, NOT_SHOWN)],
)
def test_an_interval_is_judged_by_the_smallest_difference(low, high, verdict):
    middle = (low + high) / 2
    assert verdicts.Comparison(middle, low, high, 0.02).verdict == verdict


def test_the_interval_covers_the_truth_about_95_times_in_100():
    rng = np.random.default_rng(0)
    seeds, items, covered = 5, 40, 0
    for _ in range(200):
        gain = 1 + rng.normal(0, 0.3, (seeds, 1)) + rng.normal(0, 1, items)
        found = compare(np.zeros((seeds, items)), gain, 0.1, draws=200)
        covered += found.low <= 1 <= found.high
    assert 170 <= covered <= 200


def test_the_interval_knows_that_few_seeds_say_little():
    of_seeds = np.array([[0.0], [1.0], [2.0]])
    errors = np.zeros((3, 1000))
    found = compare(errors, errors + of_seeds, 0.1)
    assert found.value == pytest.approx(1) and found.low < 0.4 and found.high > 1.6


def test_pairing_removes_what_two_variants_share():
    shared = np.random.default_rng(0).normal(0, 10, (3, 50))
    found = compare(shared, shared + 1, 0.5)
    assert found.low == pytest.approx(1) and found.high == pytest.approx(1)


def test_items_count_by_their_weight():
    errors, baseline = np.zeros((2, 2)), np.array([[1.0, 0.0]] * 2)
    assert compare(errors, baseline, 0.1, weights=[3, 1]).value == pytest.approx(0.75)


@pytest.mark.parametrize("shape", [(1, 5), (5,), (2, 4)])
def test_seeds_must_be_paired(shape):
    with pytest.raises(ValueError, match="at least 2 seeds"):
        compare(np.zeros(shape), np.zeros((2, 5)), 0.1)


def test_a_full_run_is_recorded_and_shown_beside_the_small_one(
    claim, tmp_path, monkeypatch
):
    monkeypatch.setattr(verdicts, "RECORDS", tmp_path / "full")
    shown = []
    monkeypatch.setattr(verdicts, "display", lambda m: shown.append(m.data))
    claim.judge(HOLDS, {"wetness": verdicts.Interval(0.8, 0.7, 0.9)})
    what_we_found("4_9", Scale("small"))
    assert "| 4.9-test | HOLDS | not run |" in shown[-1]
    assert not (tmp_path / "full").exists()

    what_we_found("4_9", Scale("full"))
    record = json.loads((tmp_path / "full" / "4_9.json").read_text())
    assert record["claims"]["4.9-test"]["numbers"] == {"wetness": [0.8, 0.7, 0.9]}
    assert {"date", "device", "commit"} < set(record)
    what_we_found("4_9", Scale("small"))
    assert "| 4.9-test | HOLDS | HOLDS |" in shown[-1]


def test_a_rule_with_several_parts_is_as_weak_as_its_weakest():
    assert verdicts.weakest([HOLDS, HOLDS]) == HOLDS
    assert verdicts.weakest([HOLDS, NOT_SHOWN]) == NOT_SHOWN
    assert verdicts.weakest([NOT_SHOWN, FALSE, HOLDS]) == FALSE
