"""Checks of the exercises: `check("4.0-1", answer)` prints, and never raises.

The checks of a chapter stand in a module of their own, named by the section, as in
`utils/checks/c4_0.py`: one function an exercise, that takes the answer and returns
None where it is right, `...` where it is not done, else one sentence that helps.
"""

import importlib


def check(exercise, answer):
    """Say whether the answer to an exercise is right.

    Args:
        exercise: its name: section and number, as in "4.0-1".
        answer: what the exercise asks for; `...` where it is not done yet.
    """
    section, number = exercise.rsplit("-", 1)
    module = importlib.import_module(f"utils.checks.c{section.replace('.', '_')}")
    try:
        hint = answer
        if answer is not ...:
            hint = getattr(module, f"exercise_{number}")(answer)
    except Exception as error:  # a reader's code may do anything
        hint = f"It stops with {type(error).__name__}: {error}"
    said = {None: "right.", ...: "not done yet."}.get(hint, f"not yet. {hint}")
    print(f"Exercise {exercise}: {said}")
