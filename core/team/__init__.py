"""Many counsellors' exports merged into figures of groups, in which no group of fewer than five people can be seen.

Needs the extra `team` (DuckDB). Nothing here reads a record: only files that counsellors have exported and handed over.
"""

from core.team.figures import Category, Figure, Group, TeamReport
from core.team.merging import TooFewPeople, merge_exports
from core.team.reading import FileProblem, Rejection

__all__ = [
    "Category",
    "Figure",
    "FileProblem",
    "Group",
    "Rejection",
    "TeamReport",
    "TooFewPeople",
    "merge_exports",
]
