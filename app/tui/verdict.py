"""What the wizard found: the lines of the verdict's table, the choice, and the sentences about both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from app.words.language import _
from app.words.sentences import expression_name, outcome_name
from core.method.emotion import EMOTIONS, expression_by_id
from core.method.grading import POOR_GRADES, CandidateResult, choose_candidate, hard_expressions, rank_candidates
from core.store.records import OwnModelRecord

if TYPE_CHECKING:
    from core.adapt.examples import Examples
    from core.adapt.own import OwnModel
    from core.candidates.card import Card
    from core.explain.looking import Look

HARD_SHOWN = 3
"""So many of the hardest expressions get a sentence below the table."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The shipped candidates' results, best first; by candidate and expression where each looked; one's own model.

    `default` is the id of the candidate that is taken, untuned, where nothing was graded.
    """

    shipped: Sequence[CandidateResult] = ()
    looks: Mapping[str, Mapping[str, Look]] = field(default_factory=dict)
    own: OwnModel | None = None
    default: str | None = None

    def with_own(
        self, cards: Mapping[str, Card], fitted: Mapping[str, Examples], graded: Mapping[str, Examples]
    ) -> Verdict:
        """The same with a model of one's own, where one can be made: fitted on the first take, graded on the second."""
        from core.adapt.own import make_own_model

        return replace(self, own=make_own_model(cards, self.shipped, fitted, graded))

    @property
    def certain_own(self) -> OwnModel | None:
        """The own model, where it is certain to read better than every shipped candidate."""
        return self.own if self.own is not None and self.own.certain else None

    @property
    def lines(self) -> list[CandidateResult]:
        """The lines of the table: the own model first where it is certain, else never before the best shipped one.

        Where nothing was graded the default is first: equal scores say nothing, least of all by the alphabet.
        """
        if self._untuned is not None:
            return [self._untuned, *(one for one in self.shipped if one is not self._untuned)]
        if self.own is None:
            return list(self.shipped)
        if self.own.certain:
            return [self.own.result, *self.shipped]
        ranked = rank_candidates([*self.shipped, self.own.result])
        if ranked[0] is self.own.result:
            ranked[0], ranked[1] = ranked[1], ranked[0]
        return ranked

    @property
    def choices(self) -> list[CandidateResult]:
        """The lines that may be chosen, and are kept."""
        return [one for one in self.lines if self.may_choose(one.candidate_id)]

    @property
    def chosen(self) -> str | None:
        """The id of the line that is best for this person; None where nothing was graded."""
        if self.certain_own is not None:
            return self.certain_own.result.candidate_id
        best = choose_candidate(self.shipped) or self._untuned
        return None if best is None else best.candidate_id

    @property
    def _untuned(self) -> CandidateResult | None:
        """The default's line where nothing was graded, else None."""
        if choose_candidate(self.shipped) is not None:
            return None
        return next((one for one in self.shipped if one.candidate_id == self.default), None)

    def may_choose(self, candidate_id: str) -> bool:
        """Any shipped candidate, and the own model only where it is certain."""
        return self.own is None or self.own.certain or candidate_id != self.own.result.candidate_id

    @property
    def own_record(self) -> OwnModelRecord | None:
        """What is kept of a certain own model."""
        own = self.certain_own
        if own is None:
            return None
        return OwnModelRecord(
            own.result.candidate_id, own.adaptation.candidate_id, own.points_gained, own.adaptation.to_json()
        )

    def below(self, line: CandidateResult) -> CandidateResult:
        """For the own model the shipped result of the network that it adapts, for any other line the line itself."""
        if self.own is None or line is not self.own.result:
            return line
        base = self.own.adaptation.candidate_id
        return next(result for result in self.shipped if result.candidate_id == base)

    @property
    def hard(self) -> dict[str, int]:
        """By expression: how many shipped candidates did not read it well."""
        return hard_expressions(self.shipped)

    def name(self, candidate_id: str, called: Callable[[str], str]) -> str:
        """What a line is called; `called` names shipped candidates."""
        if self.own is not None and candidate_id == self.own.result.candidate_id:
            return _("{name}, adapted to you").format(name=called(self.own.adaptation.candidate_id))
        return called(candidate_id)

    def sentence(self, called: Callable[[str], str]) -> str:
        """The choice and why, in one or two sentences; `called` names shipped candidates."""
        if not self.shipped:
            return _("No network could be used. “calmline doctor” says why; Esc goes back.")
        best = choose_candidate(self.shipped)
        if best is None:
            untuned = self._untuned or self.shipped[0]
            return _(
                "Nothing was graded, so {name}, which reads most people best, is taken: it is not tuned to you. "
                "Enter uses it; r does an expression."
            ).format(name=called(untuned.candidate_id))
        if self.own is not None and self.own.certain:
            return _(
                "A model of your own reads you best: {score} of {possible} points on {frames} pictures, {gained} more "
                "than {name}. It learnt from your first take and was graded on the second. Enter uses it."
            ).format(
                score=self.own.result.score,
                possible=self.own.result.best_possible,
                frames=self.own.result.frames,
                gained=self.own.points_gained,
                name=called(best.candidate_id),
            )
        text = _("{name} reads you best: {score} of {possible} points on {frames} pictures. Enter uses it.").format(
            name=called(best.candidate_id), score=best.score, possible=best.best_possible, frames=best.frames
        )
        if self.own is None:
            return text
        tried = _("A model of your own was tried: {score} points, no sure gain, so it is not used.")
        return f"{text} {tried.format(score=self.own.result.score)}"

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
