"""Everything that can be changed, one line each, with what holds now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from itertools import islice
from typing import ClassVar

from rich.cells import cell_len
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import OptionList

from app.tui.dialogs.ask import LineDialog, SureDialog
from app.tui.dialogs.choose import ChooseDialog
from app.tui.dialogs.preview import PreviewDialog
from app.tui.keys import after_keys
from app.tui.screens.base import CalmScreen
from app.tui.theme import LIGHT_THEME
from app.tui.widgets.marked_list import MarkedList
from app.tui.widgets.plain import Plain
from app.tui.wizard.consent import SHARE_NAMES
from app.tui.wizard.steps import Step
from app.words.consent_text import text_in_use
from app.words.errors import consent_problem_sentence, no_sharing_sentence, refusal_sentence
from app.words.language import N_, _, current_language, language_names, ngettext
from app.words.regions import REGIONS
from app.words.sentences import curve_sentence, export_kind_name, period_texts, reader_name
from core.method.grading import OWN_READERS
from core.microphone.calls import PROGRAMS
from core.store.consent import ConsentRefused, changed_answer, sharing_of, sharing_possible
from core.store.export import ExportRefused, ExportRequest, plan_release, preview, refuse_by_answer
from core.store.records import Consent, ExportKind, ShareLevel
from core.store.settings import (
    CALL_DAYS_OFFERED,
    CALL_DAYS_SETTING,
    MEMORY_SETTING,
    PROFILE_SETTING,
    PROGRAMS_SETTING,
    SAMPLE_DAYS_OFFERED,
    SAMPLE_DAYS_SETTING,
    UNSURE_SETTING,
    kept_days,
    reading_settings,
)

PROFILE_NAMES = {
    "thesis-table": N_("as in the thesis's table (neutral calms slowly)"),
    "thesis-code": N_("as in the thesis's program (neutral calms twice as fast)"),
}
PROFILE_QUESTION = N_("From the next call on, the level moves:")
MEMORY_QUESTION = N_("From the next call on, a reading looks at:")
UNSURE_QUESTION = N_("From the next call on, a word counts:")
MEMORY_NAMES = {
    "1": N_("the last second (talking counts less)"),
    "0": N_("single pictures (as in the thesis)"),
}
UNSURE_NAMES = {
    "0.5": N_("only when it is more likely than not (else “unsure”)"),
    "0": N_("always, the likeliest one (as in the thesis)"),
}
EXPLANATIONS: Mapping[str, str] = {
    "language": N_("Or F2, on every screen."),
    "theme": N_("F3 changes them anywhere. No colour tells anything that a word or a shape does not."),
    "measure": N_("Whether the camera is read in calls at all. What is recorded stays yours."),
    "share": N_("Counts from your next call on. Earlier calls keep the answer that you gave then."),
    "preview": N_("Every line, exactly as an export for your supervisor would write it now."),
    "release": N_("You see every line before you hand it over."),
    "region": N_("It decides what may be shared. In the EU and EEA nothing is."),
    "microphone": N_("Calmline looks at which program uses the microphone, and hears nothing."),
    "network": N_("What your expressions chose. You may take another one."),
    "again": N_("Worth it with a new camera, another lamp, new glasses or a beard."),
    "profile": N_("The level is a running sum; no word on any screen depends on it."),
    "memory": N_("A mouth that speaks looks like many things for a moment. A second evens that out."),
    "unsure": N_("An unsure reading changes nothing: it is kept and shown as such."),
    "kept": N_("First a call's curve goes, and its summary stays; then the call is removed for good."),
    "erase": N_("Removes every call for good, byte for byte."),
}
"""By a line's key: what it means."""

PREVIEW_ROWS = 200


class SettingsScreen(CalmScreen):
    """A list; Enter changes the line pointed at."""

    CSS_PATH = "settings.tcss"
    AUTO_FOCUS = "#settings"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "change", N_("change"), id="settings.change", priority=True),
        Binding("escape", "app.pop_screen", N_("back"), id="settings.back"),
    ]

    def __init__(self, line: str | None = None) -> None:
        """`line` is the key of the line pointed at first."""
        super().__init__()
        self._first = line

    def compose_content(self) -> ComposeResult:
        """Lay out the list of settings."""
        yield Plain(_("Settings"), id="heading")
        with Horizontal(id="columns"):
            yield MarkedList({}, id="settings")
            yield Plain("", id="explanation", classes="quiet")
        yield Plain("", id="where", classes="quiet")

    def content_ready(self) -> None:
        """Fill the list with what holds now."""
        lines = {key: name + " " * max(2, 30 - cell_len(name)) + value for key, (name, value) in self._lines().items()}
        self.query_one("#settings", MarkedList).show(lines, self._first)
        self._first = None
        where = _("Your record: {path}").format(path=self.calmline.services.locations.database)
        if self.calmline.services.store.encrypted:
            where += " " + _("(encrypted)")
        self.query_one("#where", Plain).update(where)

    @on(OptionList.OptionHighlighted, "#settings")
    def explain(self, event: OptionList.OptionHighlighted) -> None:
        """Say what the line pointed at means, where there is room beside the list."""
        self.query_one("#explanation", Plain).update(_(EXPLANATIONS.get(event.option_id or "", "")))

    def _lines(self) -> dict[str, tuple[str, str]]:
        """Name and present value of every line, by its key."""
        services = self.calmline.services
        store = services.store
        consent = store.consent()
        samples, calls = kept_days(store)
        region = consent.region if consent is not None else store.counsellor().region
        share = ShareLevel.NOTHING if consent is None else sharing_of(consent)
        reading = reading_settings(store)
        calibration = store.latest_calibration()
        reader = (
            "–"
            if calibration is None or calibration.chosen is None
            else reader_name(calibration.chosen, self.calmline.called)
        )
        if calibration is not None and not calibration.tuned:
            reader = _("{network}, not tuned to you").format(network=reader)
        return {
            "language": (_("language"), language_names()[current_language()]),
            "theme": (_("colours"), _("light") if self.app.theme == LIGHT_THEME else _("dark")),
            "measure": (_("measure me"), _("yes") if consent is not None and consent.measure else _("no")),
            "share": (_("my supervisor may get"), _short(_(SHARE_NAMES[share]))),
            "preview": (_("what would they get?"), _("look at it, line by line")),
            "release": (_("earlier calls"), _("hand over what you did not share then")),
            "region": (_("where I work"), _(REGIONS.get(region or "", N_("another country")))),
            **self._microphone_lines(),
            "network": (_("the network that reads me"), reader),
            "again": (_("the set-up"), _("run it again: camera, light, expressions")),
            "profile": (_("how the level moves"), _short(_(PROFILE_NAMES[reading.profile.name]))),
            "memory": (_("what a reading looks at"), _short(_(MEMORY_NAMES[f"{reading.memory_seconds:g}"]))),
            "unsure": (_("when a word counts"), _short(_(UNSURE_NAMES[f"{reading.unsure_below:g}"]))),
            "kept": (
                _("how long it is kept"),
                _("curves {curves}, summaries {summaries}").format(curves=_days(samples), summaries=_days(calls)),
            ),
            "erase": (_("erase everything"), _("asks first")),
        }

    def action_change(self) -> None:
        """Change the line pointed at."""
        if not self.drawn:
            return
        after_keys(self, self.query_one("#settings", MarkedList).action_select)

    @on(OptionList.OptionSelected, "#settings")
    def selected(self, event: OptionList.OptionSelected) -> None:
        """Change the setting that was chosen."""
        if event.option_id is not None:
            self._change(event.option_id)

    @work(exclusive=True, group="settings")
    async def _change(self, key: str) -> None:
        reading = reading_settings(self.calmline.services.store)
        changes: dict[str, Callable[[], Awaitable[None]]] = {
            "language": self.calmline.action_toggle_language,
            "theme": self.calmline.action_toggle_theme,
            "measure": self._change_measure,
            "share": self._change_share,
            "preview": self._preview,
            "release": self._release,
            "region": self._change_region,
            "microphone": self._change_microphone,
            "network": self._change_network,
            "again": self._again,
            "profile": lambda: self._choose(PROFILE_SETTING, PROFILE_QUESTION, PROFILE_NAMES, reading.profile.name),
            "memory": lambda: self._choose(
                MEMORY_SETTING, MEMORY_QUESTION, MEMORY_NAMES, f"{reading.memory_seconds:g}"
            ),
            "unsure": lambda: self._choose(UNSURE_SETTING, UNSURE_QUESTION, UNSURE_NAMES, f"{reading.unsure_below:g}"),
            "kept": self._change_kept,
            "erase": self._erase,
        }
        with self.calmline.store_errors_said():
            await changes[key]()
        if self.is_attached and self.query("#settings"):
            self.content_ready()

    # -- consent --------------------------------------------------------------------------------------------------------

    def _record(
        self, *, measure: bool | None = None, share: ShareLevel | None = None, region: str | None = None
    ) -> Consent | None:
        """Record the answer in force with what is named changed; None, with the reason said, where that cannot be."""
        store = self.calmline.services.store
        where = region or store.counsellor().region
        try:
            answer = changed_answer(
                store.consent(), store.now(), text_in_use(), measure=measure, share=share, region=where
            )
        except ConsentRefused as refused:
            self.notify(consent_problem_sentence(refused.problem), timeout=10)
            return None
        return store.record_consent(answer)

    async def _change_measure(self) -> None:
        """Agree or withdraw. To agree, the text is read again: the wizard's own screen asks."""
        answer = self.calmline.services.store.consent()
        if answer is None or not answer.measure:
            self.calmline.show_step(Step.CONSENT)
            return
        question = _("Stop measuring from now on? What is recorded stays yours, until you erase it.")
        if await self.app.push_screen_wait(SureDialog(question)):
            self._record(measure=False)
            await self.calmline.obey_consent()

    async def _change_share(self) -> None:
        answer = self.calmline.services.store.consent()
        if answer is None or not sharing_possible(answer.region):
            self.notify(no_sharing_sentence(answer.region if answer else None), timeout=10)
            return
        entries = {level.value: _(name) for level, name in SHARE_NAMES.items()}
        chosen = await self.app.push_screen_wait(
            ChooseDialog(_("From your next call on, your supervisor may get:"), entries, answer.share.value)
        )
        if chosen is not None and chosen != answer.share.value:
            self._record(share=ShareLevel(chosen))

    async def _change_region(self) -> None:
        store = self.calmline.services.store
        entries = {code: _(name) for code, name in REGIONS.items()}
        chosen = await self.app.push_screen_wait(
            ChooseDialog(_("Where do you work?"), entries, store.counsellor().region)
        )
        if chosen is None:
            return
        store.save_counsellor(region=chosen)
        self._record(region=chosen)
        if not sharing_possible(chosen):
            self.notify(no_sharing_sentence(chosen), timeout=10)

    async def _preview(self) -> None:
        store = self.calmline.services.store
        consent = store.consent()
        kind = ExportKind.CALLS
        if consent is not None and consent.share is ShareLevel.CURVES:
            entries = {one.value: export_kind_name(one) for one in (ExportKind.CALLS, ExportKind.SAMPLES)}
            chosen = await self.app.push_screen_wait(ChooseDialog(_("What would they get of?"), entries))
            if chosen is None:
                return
            kind = ExportKind(chosen)
        try:
            rows = preview(store, ExportRequest(kind), PREVIEW_ROWS + 1)
        except ExportRefused as refused:
            self.notify(refusal_sentence(refused.reason), timeout=10)
            return
        if not rows:
            self.notify(_("None of these calls has its curve any more."), timeout=10)
            return
        remark = curve_sentence() if kind is ExportKind.SAMPLES else ""
        await self.app.push_screen_wait(
            PreviewDialog(rows[:PREVIEW_ROWS], remark=remark, more=len(rows) > PREVIEW_ROWS)
        )

    async def _release(self) -> None:
        """Hand over earlier calls: which days, a look at them line by line, then a yes."""
        store = self.calmline.services.store
        answer = store.consent()
        try:
            refuse_by_answer(answer, ExportKind.CALLS)
            assert answer is not None
            chosen = await self.app.push_screen_wait(ChooseDialog(_("Hand over calls of:"), period_texts()))
            if chosen is None:
                return
            today = store.now().astimezone().date()
            plan = plan_release(store, answer.share, today - timedelta(days=int(chosen) - 1), today)
        except ExportRefused as refused:
            self.notify(refusal_sentence(refused.reason), timeout=10)
            return
        count = len(plan.calls)
        rows = list(islice(plan.rows(), PREVIEW_ROWS))
        with_curves = answer.share is ShareLevel.CURVES
        shown = PreviewDialog(
            rows,
            title=_("Your supervisor would get this of each call, and its curve") if with_curves else "",
            remark=curve_sentence() if with_curves else "",
            more=count > PREVIEW_ROWS,
            all_by="consent release",
        )
        await self.app.push_screen_wait(shown)
        question = ngettext("Hand over this call?", "Hand over these {count} calls?", count).format(count=count)
        if await self.app.push_screen_wait(SureDialog(question)):
            store.release(answer.share, [call.id for call in plan.calls])

    # -- calls that begin by themselves -----------------------------------------------------------------------------------

    def _microphone_lines(self) -> dict[str, tuple[str, str]]:
        """Nothing where this system does not tell who uses the microphone."""
        calls = self.calmline.by_themselves
        if not calls.possible:
            return {}
        programs = self.calmline.services.store.setting(PROGRAMS_SETTING, "") or _("softphones, meetings, browsers")
        now = _("used by {programs}").format(programs=programs) if calls.on else _("no")
        return {"microphone": (_("calls begin with the mic"), now)}

    async def _change_microphone(self) -> None:
        """Whether, and whose use of it."""
        calls = self.calmline.by_themselves
        entries = {"no": _("no"), "yes": _("yes"), "programs": _("yes, used by …")}
        title = _("Does a call begin when a program uses the microphone?")
        chosen = await self.app.push_screen_wait(ChooseDialog(title, entries, "yes" if calls.on else "no"))
        if chosen is None:
            return
        if (chosen != "no") is not calls.on:
            calls.switch(on=chosen != "no")
        if chosen == "programs":
            await self._change_programs()

    async def _change_programs(self) -> None:
        store = self.calmline.services.store
        now = store.setting(PROGRAMS_SETTING, "") or " ".join(PROGRAMS)
        hint = _(
            "Names of programs, or parts of them, with commas between. Without any: softphones, Teams, Zoom and browsers."
        )
        named = await self.app.push_screen_wait(LineDialog(_("Whose use of the microphone is a call?"), hint, now))
        if named is not None:
            store.set_setting(PROGRAMS_SETTING, named)
            self.calmline.by_themselves.begin()

    # -- the rest -------------------------------------------------------------------------------------------------------

    async def _change_network(self) -> None:
        latest = self.calmline.services.store.latest_calibration()
        if latest is None:
            self.notify(_("Do the expressions first: they tell which network reads you."), timeout=8)
            return
        kept = None if latest.own_model is None else latest.own_model.candidate_id
        entries = {
            score.candidate_id: f"{reader_name(score.candidate_id, self.calmline.called)}   {score.score} / {score.best_possible}"
            for score in sorted(latest.scores, key=lambda score: -score.score)
            if score.candidate_id == kept or score.candidate_id not in OWN_READERS
        }
        chosen = await self.app.push_screen_wait(
            ChooseDialog(_("Which network reads you from the next call on?"), entries, latest.chosen)
        )
        if chosen is not None:
            self.calmline.services.store.choose_candidate(chosen)

    async def _again(self) -> None:
        if self.calmline.calling.running is not None:
            self.notify(_("A call is running. End it first."), timeout=6)
            return
        self.calmline.show_step(Step.CAMERA)

    async def _choose(self, key: str, question: str, names: Mapping[str, str], now: str) -> None:
        """Let one of `names` (texts by the values that are kept) be chosen for the setting `key`."""
        entries = {value: _(name) for value, name in names.items()}
        chosen = await self.app.push_screen_wait(ChooseDialog(_(question), entries, now))
        if chosen is not None:
            self.calmline.services.store.set_setting(key, chosen)

    async def _change_kept(self) -> None:
        """How long curves are kept, then how long summaries are."""
        samples, calls = kept_days(self.calmline.services.store)
        for key, question, offered, now in (
            (SAMPLE_DAYS_SETTING, N_("Keep curves for how long?"), SAMPLE_DAYS_OFFERED, samples),
            (CALL_DAYS_SETTING, N_("Keep summaries for how long?"), CALL_DAYS_OFFERED, calls),
        ):
            await self._choose(key, question, {str(days): _days(days) for days in offered}, str(now))

    async def _erase(self) -> None:
        if self.calmline.calling.running is not None:
            self.notify(_("A call is running. End it first."), timeout=6)
            return
        question = _("Erase every call, every calibration and your consent for good? Nothing can bring them back.")
        if await self.app.push_screen_wait(SureDialog(question)):
            self.calmline.services.store.erase_all()
            self.calmline.show_step(Step.WELCOME)


def _short(text: str) -> str:
    """Without what stands in brackets at its end: a line of the list has one line of the screen."""
    return text.split(" (", maxsplit=1)[0]


def _days(days: int) -> str:
    return ngettext("{days} day", "{days} days", days).format(days=days)
