"""Many counsellors' exports merged into one coarse figure of groups. Nothing here reads a record: only handed-over files."""

from core.team.figures import Band, Group, Rejection, TeamReport, TooFewPeople, merge_exports
from core.team.reading import FileProblem

__all__ = ["Band", "FileProblem", "Group", "Rejection", "TeamReport", "TooFewPeople", "merge_exports"]
