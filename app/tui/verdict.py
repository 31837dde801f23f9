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
    TUNED_LANDMARKS,
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
    from core.explain.attribution import Attribution

HARD_SHOWN = 3
"""So many of the hardest expressions get a sentence below the table."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The candidates' results, best first; by candidate and expression where each looked; the readers tuned to the person.

    `together` are the candidates that are read together, with nothing learnt: what reads where nothing was graded.
    `accuracies` are what the candidates' cards say of them on everybody's faces: the choice among them is shrunk to that.
    `speech` is, by line, the share (0 to 1) of the passages that it read rightly; empty where they were not spoken.
    `lacks_a_class`: the landmarks could not be tuned, since of one of the four classes no expression was made.
    """

    shipped: Sequence[CandidateResult] = ()
    attributions: Mapping[str, Mapping[str, Attribution]] = field(default_factory=dict)
    tuned: Sequence[TunedReader] = ()
    together: Sequence[str] = ()
    speech: Mapping[str, float] = field(default_factory=dict)
    accuracies: Mapping[str, float] = field(default_factory=dict)
    lacks_a_class: bool = False

    def with_tuned(
        self,
        cards: Mapping[str, Card],
        milliseconds: Mapping[str, float],
        first: Mapping[str, Examples],
        second: Mapping[str, Examples],
        spoken: Mapping[str, Examples],
    ) -> Verdict:
        """The same with the readers that are tuned to the person: of the networks, and of the landmarks."""
        from core.adapt.blend import blended_ids
        from core.adapt.tuned import share_of_speech
        from core.candidates.card import mean_accuracies

        offered, personal = ({n: card for n, card in cards.items() if card.is_personal is own} for own in (False, True))
        made = [_tuned(some, milliseconds, first, second, spoken) for some in (offered, personal) if some]
        tuned = [one for one in made if one is not None]
        shares = {name: share_of_speech(read, read.probabilities) for name, read in spoken.items() if name in offered}
        shares |= {one.result.candidate_id: one.speech for one in tuned}
        return replace(
            self,
            tuned=tuned,
            together=blended_ids(sorted(offered)),
            speech={name: share for name, share in shares.items() if share is not None},
            accuracies=mean_accuracies(offered.values()),
            lacks_a_class=bool(personal) and TUNED_LANDMARKS not in [one.result.candidate_id for one in tuned],
        )

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
    def _own(self) -> dict[str, TunedReader]:
        """The readers tuned to the person that were graded, by their lines."""
        return {one.result.candidate_id: one for one in self.tuned if one.result.best_possible > 0}

    @property
    def _ranked(self) -> list[CandidateResult]:
        return rank_candidates([*self.shipped, *(one.result for one in self._own.values())])

    @property
    def _best(self) -> CandidateResult | None:
        """What was tuned to the person where it is the best by the rule, else the choice among the candidates."""
        best = choose_candidate(self._ranked)
        return (
            best if best is None or best.candidate_id in self._own else choose_candidate(self.shipped, self.accuracies)
        )

    def gained(self, candidate_id: str) -> int:
        """Points of a reader tuned to the person over the best single candidate; 0 without either."""
        best, own = choose_candidate(self.shipped), self._own.get(candidate_id)
        return 0 if best is None or own is None else own.result.score - best.score

    def own_record(self, chosen: str | None) -> OwnModelRecord | None:
        """What is kept of the tuned reader that was chosen, or else of the better one; of the other nothing is."""
        ranked = [line.candidate_id for line in self._ranked if line.candidate_id in self._own]
        if not ranked:
            return None
        name = chosen if chosen in ranked else ranked[0]
        blend = self._own[name].blend
        return OwnModelRecord(name, "+".join(blend.ids), self.gained(name), blend.to_json())

    def sha256(self, candidate_id: str, files: Mapping[str, str]) -> str:
        """64 hex digits for what a line reads with; `files` gives those of the single candidates' files."""
        if candidate_id in self._own:
            return self._own[candidate_id].blend.sha256
        if candidate_id in files:
            return files[candidate_id]
        return hashlib.sha256("".join(files[one] for one in candidate_id.split("+")).encode()).hexdigest()

    def below(self, line: CandidateResult) -> CandidateResult:
        """For a tuned reader the best of the networks that it is made of, for any other line, or without one, itself."""
        own = self._own.get(line.candidate_id)
        ids = () if own is None else own.blend.ids
        return next((result for result in self.shipped if result.candidate_id in ids), line)

    @property
    def hard(self) -> dict[str, int]:
        """By expression: how many shipped candidates did not read it well."""
        return hard_expressions(self.shipped)

    def sentence(self, called: Callable[[str], str], pointed: int = 0) -> str:
        """The choice and why, or what another line reached, in one or two sentences; `called` names single candidates."""
        line = self.lines[pointed] if pointed < len(self.lines) else None
        if line is not None and line.grades and line.candidate_id != self.chosen:
            best = next(one for one in self.lines if one.candidate_id == self.chosen)
            fewer = best.score - line.score
            text = (
                _(
                    "{name}: {score} of {possible} points on {frames} pictures, {fewer} fewer than the best. Enter uses it."
                )
                if fewer > 0
                else _("{name}: {score} of {possible} points on {frames} pictures, as many as the best. Enter uses it.")
            )
            return text.format(
                name=reader_name(line.candidate_id, called),
                score=line.score,
                possible=line.best_possible,
                frames=line.frames,
                fewer=fewer,
            )
        return self._choice(called)

    def _choice(self, called: Callable[[str], str]) -> str:
        if not self.lines:
            return self._nothing()
        best, single = self._best, choose_candidate(self.shipped)
        if best is None or (single is None and best.candidate_id not in self._own):
            return _(
                "Nothing was graded, so {name} is taken: it reads most people best, and is not tuned to you. "
                "Enter uses it; r does an expression."
            ).format(name=reader_name(self.lines[0].candidate_id, called))
        if best.candidate_id == TUNED_LANDMARKS:
            text = _(
                "What was learnt from the landmarks of your face reads you best: {score} of {possible} points on {frames} "
                "pictures. It learnt from your first take and was graded on the second. Enter uses it."
            )
        elif best.candidate_id not in self._own and single is not None and best.candidate_id != single.candidate_id:
            text = _(
                "{name} has the most points, but {chosen} reads most people better, and eleven expressions are few. "
                "Enter uses {chosen}: {score} of {possible} points on {frames} pictures."
            )
        elif best.candidate_id not in self._own:
            text = _("{name} reads you best: {score} of {possible} points on {frames} pictures. Enter uses it.")
        elif self.gained(best.candidate_id) > 0:
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
            name="" if single is None else called(single.candidate_id),
            chosen=called(best.candidate_id),
            score=best.score,
            possible=best.best_possible,
            frames=best.frames,
            gained=self.gained(best.candidate_id),
        )

    def _nothing(self) -> str:
        """Why the table is empty."""
        if not self.lacks_a_class:
            return _("No network could be used. “calmline doctor” says why; Esc goes back.")
        return _(
            "You cannot be read yet: the landmarks of your face are all there is, and they must have seen an expression of "
            "each kind: {kinds}. r does an expression."
        ).format(kinds=", ".join(map(outcome_name, EMOTIONS)))

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
        attributions = [
            self.attributions[result.candidate_id][name]
            for result in self.shipped
            if name in result.grades
            and result.grades[name].grade in POOR_GRADES
            and name in self.attributions.get(result.candidate_id, {})
        ]
        looked = Counter(one.most for one in attributions if one.most is not None).most_common(1)
        if not looked:
            return None
        from app.words.explanation import region_name

        return region_name(looked[0][0])


def _tuned(
    cards: Mapping[str, Card], milliseconds: Mapping[str, float], *takes: Mapping[str, Examples]
) -> TunedReader | None:
    from core.adapt.blend import BlendError
    from core.adapt.tuned import tune_reader

    try:
        first, second, spoken = takes
        return tune_reader(cards, milliseconds, first, second, spoken)
    except BlendError:  # numbers beyond all measure: nobody gets such a reader
        return None
