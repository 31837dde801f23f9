"""What the wizard found: the lines of the verdict's table, the choice, and the sentences about both."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from app.words.language import _
from app.words.sentences import expression_name, outcome_name, reader_name
from core.method.emotion import EMOTIONS, expression_by_id
from core.method.grading import (
    POOR_GRADES,
    TUNED,
    CandidateResult,
    choose_candidate,
    hard_expressions,
    rank_candidates,
)
from core.store.records import OwnModelRecord

if TYPE_CHECKING:
    from core.adapt.examples import Examples
    from core.adapt.tuned import TunedReader
    from core.candidates.card import Card
    from core.explain.looking import Look

HARD_SHOWN = 3
"""So many of the hardest expressions get a sentence below the table."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The candidates' results, best first; by candidate and expression where each looked; the reader tuned to the person.

    `together` are the candidates that are read together, with nothing learnt: what reads where nothing was graded.
    `accuracies` are what the candidates' cards say of them on everybody's faces: the choice among them is shrunk to that.
    `speech` is, by line, the share (0 to 1) of the passages that it read rightly; empty where they were not spoken.
    """

    shipped: Sequence[CandidateResult] = ()
    looks: Mapping[str, Mapping[str, Look]] = field(default_factory=dict)
    tuned: TunedReader | None = None
    together: Sequence[str] = ()
    speech: Mapping[str, float] = field(default_factory=dict)
    accuracies: Mapping[str, float] = field(default_factory=dict)

    def with_tuned(
        self,
        cards: Mapping[str, Card],
        first: Mapping[str, Examples],
        second: Mapping[str, Examples],
        spoken: Mapping[str, Examples],
    ) -> Verdict:
        """The same with the reader that is tuned to the person, where one can be made."""
        from core.adapt.blend import BlendError, blended_ids
        from core.adapt.tuned import share_of_speech, tune_reader
        from core.candidates.card import mean_accuracies

        try:
            tuned = tune_reader(cards, self.shipped, first, second, spoken)
        except BlendError:  # numbers beyond all measure: nobody gets such a reader
            tuned = None
        shares = {name: share_of_speech(read, read.probabilities) for name, read in spoken.items()}
        shares |= {TUNED: tuned.speech if tuned is not None else None}
        speech = {name: share for name, share in shares.items() if share is not None}
        together, accuracies = blended_ids(sorted(cards)), mean_accuracies(cards.values())
        return replace(self, tuned=tuned, together=together, speech=speech, accuracies=accuracies)

    @property
    def lines(self) -> list[CandidateResult]:
        """The lines of the table: the chosen one, then the rest by the rule of method.md 6. Any may be taken; all are kept."""
        if len(self.together) > 1 and self._best is None:
            return [CandidateResult("+".join(self.together), {}, 0.0), *self.shipped]
        return sorted(self._ranked, key=lambda line: line is not self._best)

    @property
    def chosen(self) -> str | None:
        """The id of the line that is best for this person, or for most where nothing was graded; None without any line."""
        return self.lines[0].candidate_id if self.lines else None

    @property
    def _ranked(self) -> list[CandidateResult]:
        tuned = [self.tuned.result] if self.tuned is not None and self.tuned.result.best_possible > 0 else []
        return rank_candidates([*self.shipped, *tuned])

    @property
    def _best(self) -> CandidateResult | None:
        """What was tuned to the person where it is the best by the rule, else the choice among the candidates."""
        best = choose_candidate(self._ranked)
        return best if best is None or best.candidate_id == TUNED else choose_candidate(self.shipped, self.accuracies)

    @property
    def gained(self) -> int:
        """Points of the tuned reader over the best single candidate; 0 without either."""
        best = choose_candidate(self.shipped)
        return 0 if best is None or self.tuned is None else self.tuned.result.score - best.score

    @property
    def own_record(self) -> OwnModelRecord | None:
        """What is kept of the tuned reader."""
        if self.tuned is None or TUNED not in [line.candidate_id for line in self.lines]:
            return None
        return OwnModelRecord(TUNED, "+".join(self.tuned.blend.ids), self.gained, self.tuned.blend.to_json())

    def sha256(self, candidate_id: str, files: Mapping[str, str]) -> str:
        """64 hex digits for what a line reads with; `files` gives those of the single candidates' files."""
        if self.tuned is not None and candidate_id == TUNED:
            return self.tuned.blend.sha256
        if candidate_id in files:
            return files[candidate_id]
        return hashlib.sha256("".join(files[one] for one in candidate_id.split("+")).encode()).hexdigest()

    def below(self, line: CandidateResult) -> CandidateResult:
        """For the tuned reader the best of the networks that it is made of, for any other line the line itself."""
        if self.tuned is None or line.candidate_id != TUNED:
            return line
        return next(result for result in self.shipped if result.candidate_id in self.tuned.blend.ids)

    @property
    def hard(self) -> dict[str, int]:
        """By expression: how many shipped candidates did not read it well."""
        return hard_expressions(self.shipped)

    def name(self, candidate_id: str, called: Callable[[str], str]) -> str:
        """What a line is called; `called` names single candidates."""
        if candidate_id == TUNED:
            return reader_name(candidate_id)
        return " + ".join(called(one) for one in candidate_id.split("+"))

    def sentence(self, called: Callable[[str], str], pointed: int = 0) -> str:
        """The choice and why, or what another line reached, in one or two sentences; `called` names single candidates."""
        line = self.lines[pointed] if pointed < len(self.lines) else None
        if line is not None and line.grades and line.candidate_id != self.chosen:
            best = next(one for one in self.lines if one.candidate_id == self.chosen)
            fewer = best.score - line.score
            text = _(
                "{name}: {score} of {possible} points on {frames} pictures, {fewer} fewer than the best. Enter uses it."
            )
            return text.format(
                name=self.name(line.candidate_id, called),
                score=line.score,
                possible=line.best_possible,
                frames=line.frames,
                fewer=fewer,
            )
        return self._choice(called)

    def _choice(self, called: Callable[[str], str]) -> str:
        if not self.shipped:
            return _("No network could be used. “calmline doctor” says why; Esc goes back.")
        best, single = self._best, choose_candidate(self.shipped)
        if best is None or single is None:
            return _(
                "Nothing was graded, so {name} is taken: it reads most people best, and is not tuned to you. "
                "Enter uses it; r does an expression."
            ).format(name=self.name(self.lines[0].candidate_id, called))
        if best.candidate_id not in (TUNED, single.candidate_id):
            text = _(
                "{name} has the most points, but {chosen} reads most people better, and eleven expressions are few. "
                "Enter uses {chosen}: {score} of {possible} points on {frames} pictures."
            )
        elif best.candidate_id != TUNED:
            text = _("{name} reads you best: {score} of {possible} points on {frames} pictures. Enter uses it.")
        elif self.gained > 0:
            text = _(
                "The reader tuned to you reads you best: {score} of {possible} points on {frames} pictures, {gained} more "
                "than {name}. It learnt from your first take and was graded on the second. Enter uses it."
            )
        else:
            text = _(
                "The reader tuned to you reads you best: {score} of {possible} points on {frames} pictures, as many as "
                "{name}, and surer of them. It learnt from your first take and was graded on the second. Enter uses it."
            )
        return text.format(
            name=called(single.candidate_id),
            chosen=called(best.candidate_id),
            score=best.score,
            possible=best.best_possible,
            frames=best.frames,
            gained=self.gained,
        )

    def hard_sentences(self) -> list[str]:
        """The expressions that most networks found hard, what they took them for, and where they looked."""
        hard = sorted(self.hard.items(), key=lambda item: -item[1])[:HARD_SHOWN]
        return [self._hard_sentence(name, count) for name, count in hard]

    def _hard_sentence(self, name: str, count: int) -> str:
        taken = [result.grades[name].taken_for for result in self.shipped if name in result.grades]
        mostly = max(EMOTIONS, key=taken.count)
        region = self._looked_at(name)
        if mostly is expression_by_id(name).emotion:
            text = _("“{expression}” was read rightly, but not surely, by {count} of {all}.")
        elif region is None:
            text = _("“{expression}” was hard for {count} of {all}: mostly read as {emotion}.")
        else:
            text = _("“{expression}” was hard for {count} of {all}: read as {emotion}, looking at the {region}.")
        return text.format(
            expression=expression_name(name),
            count=count,
            all=len(self.shipped),
            emotion=outcome_name(mostly),
            region=region,
        )

    def _looked_at(self, name: str) -> str | None:
        """The region that most of those who found it hard looked at most; None where that is not known."""
        looks = [
            self.looks[result.candidate_id][name]
            for result in self.shipped
            if name in result.grades
            and result.grades[name].grade in POOR_GRADES
            and name in self.looks.get(result.candidate_id, {})
        ]
        looked = Counter(look.most for look in looks if look.most is not None).most_common(1)
        if not looked:
            return None
        from app.words.explanation import region_name

        return region_name(looked[0][0])
