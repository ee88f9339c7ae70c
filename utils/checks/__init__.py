"""Checks of the exercises: `check("4.0-1", answer)` prints, and never raises.

The checks of a chapter stand in a module of their own, named by the section, as in
`utils/checks/c4_0.py`: one function an exercise, that takes the answer and returns
None where it is right, `...` where it is not done, else one sentence that helps.
"""

import importlib
from collections import Counter

_tries = Counter()


def check(exercise, answer, hint=False):
    """Say whether the answer to an exercise is right.

    Args:
        exercise: its name: section and number, as in "4.0-1".
        answer: what the exercise asks for; `...` where it is not done yet.
        hint: whether to help at once; a second wrong answer gets help anyway.
    """
    section, number = exercise.rsplit("-", 1)
    module = importlib.import_module(f"utils.checks.c{section.replace('.', '_')}")
    try:
        help = answer
        if answer is not ...:
            help = getattr(module, f"exercise_{number}")(answer)
    except Exception as error:  # a reader's code may do anything
        help = f"It stops with {type(error).__name__}: {error}"
        hint = True
    if help is None:
        said = "right."
    elif help is ...:
        said = "not done yet."
    else:
        _tries[exercise] += 1
        later = "Try again, or ask for a hint: check(…, hint=True)."
        said = f"not yet. {help if hint or _tries[exercise] > 1 else later}"
    print(f"Exercise {exercise}: {said}")
