"""What learners read: short, kind, a question, and never the answer."""

import re

import numpy as np
import pytest

from course_lib.checks.answers import diagnose
from course_lib.checks.bank import all_exercises, siblings
from course_lib.checks.exercise import MODEL, NUMBER, BugHunt, Exercise
from course_lib.checks.texts import FOLDER, chapter_texts, common_texts, exercise_texts
from course_lib.checks.values import written

ALL = list(all_exercises().values())
EXERCISES = [e for e in ALL if isinstance(e, Exercise)]
UNKIND = re.compile(
    r"\b(?:wrong answer|stupid|obviously|simply|just|trivial|clearly|of course|easy|fail)\b", re.I
)


def sentences(text):
    """The sentences of a text; a number's point, a colon and brackets end none."""
    text = re.sub(r"`[^`]*`|\([^()]*\)|\d\.\d|\b(?:e\.g|i\.e)\.", "x", text)
    return [s for s in re.split(r"(?<=[.?!])\s+", text.strip()) if s]


def messages():
    """(where, text) of everything said about a wrong answer."""
    for exercise in ALL:
        texts = exercise_texts(exercise.id)
        if isinstance(exercise, BugHunt):
            for letter, text in texts["lines"].items():
                yield f"{exercise.id} {letter}", text
        else:
            for code, entry in texts["wrong"].items():
                yield f"{exercise.id} {code}", entry["text"].replace("{found}", "1")
    for kind in ("near", "finite"):
        for code, text in common_texts()[kind].items():
            yield f"{kind} {code}", text.replace("{found}", "1")


MESSAGES = dict(messages())


@pytest.mark.parametrize("where", MESSAGES)
def test_at_most_three_sentences_with_one_question_at_the_end(where):
    text = "Not yet. " + MESSAGES[where]
    assert len(sentences(text)) <= 3, sentences(text)
    assert text.count("?") == 1
    assert text.endswith("?")
    assert len(text) <= 330
    assert not UNKIND.search(text), UNKIND.search(text)


def test_what_the_mistake_gives_is_shown():
    for exercise in EXERCISES:
        for code, entry in exercise_texts(exercise.id)["wrong"].items():
            assert "{found}" in entry["text"], (exercise.id, code)
            assert 3 <= len(entry["name"]) <= 60, (exercise.id, code)
            assert not entry["name"].endswith("."), (exercise.id, code)


def test_four_hints_and_a_task():
    for exercise in ALL:
        texts = exercise_texts(exercise.id)
        assert texts["task"]
        assert not texts["task"].endswith(".")
        assert len(texts["hints"]) == 3, exercise.id
        assert texts["hints"][0].endswith("?"), (exercise.id, "the first hint asks")
        assert len(sentences(texts["hints"][0])) == 1, exercise.id
        assert texts["worked"]
        known = {"task", "hints", "worked", "code", "wrong", "lines", "found"}
        assert set(texts) <= known, set(texts) - known


def test_no_formatting_field_but_found():
    for exercise in EXERCISES:
        for entry in exercise_texts(exercise.id)["wrong"].values():
            assert re.sub(r"\{found\}", "", entry["text"]).count("{") == 0


def numbers_in(text):
    """The numbers of a text as they are written, with ASCII minus signs."""
    return re.findall(r"-?\d+(?:[.,]\d+)*(?:e[+-]?\d+)?", text.replace("−", "-"))


def spelled(x):
    """The ways in which a number could be given away, from three significant digits on."""
    if float(x) == int(x) and abs(x) < 1e15:
        return {str(int(x)), f"{int(x):,}", f"{float(x)}"} if abs(x) >= 100 else set()
    forms = {f"{x:.{digits}g}" for digits in range(3, 8)}
    forms |= {f"{x:.{digits}f}" for digits in range(2, 9) if abs(round(x, digits)) > 0.0095}
    return {form for form in forms if len(form.lstrip("-0.").replace(".", "")) >= 3}


def gives_away(text, expected):
    """Whether every number of the answer stands in the text; small whole numbers prove nothing."""
    numbers = np.concatenate([np.ravel(part) for part in expected]).tolist()
    values = [spelled(x) for x in numbers if np.isfinite(x)]
    values = [forms for forms in values if forms]
    found = set(numbers_in(text))
    return bool(values) and all(forms & found for forms in values)


@pytest.mark.parametrize("exercise", EXERCISES, ids=[e.id for e in EXERCISES])
def test_no_message_or_hint_gives_the_answer_away(exercise):
    texts = exercise_texts(exercise.id)
    expected = exercise.case().expected
    for code, mutant in exercise.wrong.items():
        answer = mutant(*exercise.published) if exercise.kind is NUMBER else mutant
        with np.errstate(all="ignore"):
            found = diagnose(exercise, answer, siblings(exercise))
        # The learner's own numbers, in the wrong order or place, give nothing away.
        said = found.text.replace(written(exercise.result(mutant, exercise.published)), "")
        assert not gives_away(said, expected), (code, found.text)
    for text in [texts["task"], *texts["hints"]]:
        assert not gives_away(text, expected), text


@pytest.mark.parametrize("exercise", EXERCISES, ids=[e.id for e in EXERCISES])
def test_no_hint_gives_the_answer_of_a_review_away(exercise):
    if exercise.draw is None or exercise.kind is MODEL:
        return
    texts = exercise_texts(exercise.id)
    for seed in range(30):
        expected = exercise.case(seed).expected
        for text in [texts["task"], *texts["hints"]]:
            assert not gives_away(text, expected), (seed, text)


def test_the_search_for_the_answer_finds_it():
    value = (np.array(-0.653656123),)
    assert gives_away("it is −0.654, so", value)
    assert gives_away("it is -0.653656", value)
    assert not gives_away("it is 0.654", value)
    assert not gives_away("it is -0.148", value)
    assert gives_away("24,790", (np.array(24790),))
    assert gives_away("[0.1234, 5.678]", (np.array([0.12341, 5.67812]),))
    assert not gives_away("[0.1234, 1]", (np.array([0.12341, 5.67812]),))


def test_message_files_hold_nothing_but_texts():
    for path in FOLDER.glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"\{(?!found\}|id\}|name\}|\s*text =)[^}]*\}", text) == [] or (
            path.stem == "common"
        ), path.name


def test_quizzes_have_one_right_option_and_a_reply_to_each():
    for number in range(17):
        quizzes = chapter_texts(number)["quiz"]
        assert len(quizzes) >= (8 if number == 0 else 2)
        for id, quiz in quizzes.items():
            assert re.fullmatch(rf"{number:02}q\d", id), id
            assert quiz["question"].endswith("?"), id
            assert 2 <= len(quiz["options"]) <= 5
            assert sum(option.get("right", False) for option in quiz["options"]) == 1, id
            replies = [option["reply"] for option in quiz["options"]]
            assert len(set(replies)) == len(replies), id
            assert all(len(reply) > 20 for reply in replies), id
            assert not any(UNKIND.search(reply) for reply in replies), id
