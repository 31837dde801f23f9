"""A list of questions to practise with, one a line of a text file."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path

from core.sources.tables import TableError, decode_text
from core.system.files import FileError, read_plain_file

MAX_QUESTIONS = 200
MAX_QUESTION_BYTES = 200_000


class QuestionListProblem(StrEnum):
    """Why a question list cannot be used."""

    UNREADABLE = "unreadable"
    NO_TEXT = "no_text"
    EMPTY = "empty"
    TOO_MANY = "too_many"


class QuestionListError(ValueError):
    """A question list cannot be used; `problem` says why, `name` is the file's."""

    def __init__(self, problem: QuestionListProblem, name: str) -> None:
        """Keeps both for the app's sentence."""
        super().__init__(f"{name}: {problem.value}")
        self.problem, self.name = problem, name


def read_questions(path: Path) -> tuple[str, ...]:
    """One question a line, in any encoding of `decode_text`; empty lines and lines that begin with # are left out.

    The path "-" is standard input.

    Raises:
        QuestionListError: it cannot be read, is no text, or holds no question or more than 200.
    """
    try:
        from_stdin = str(path) == "-"
        content = sys.stdin.buffer.read(MAX_QUESTION_BYTES) if from_stdin else read_plain_file(path, MAX_QUESTION_BYTES)
        text = decode_text(path.name, content)
    except FileError as error:
        raise QuestionListError(QuestionListProblem.UNREADABLE, path.name) from error
    except TableError as error:
        raise QuestionListError(QuestionListProblem.NO_TEXT, path.name) from error
    lines = [line.strip() for line in text.splitlines()]
    questions = tuple(line for line in lines if line and not line.startswith("#"))
    if not questions:
        raise QuestionListError(QuestionListProblem.EMPTY, path.name)
    if len(questions) > MAX_QUESTIONS:
        raise QuestionListError(QuestionListProblem.TOO_MANY, path.name)
    return questions
