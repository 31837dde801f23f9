"""The monitor costs next to nothing: no fast timers, no camera and one network between calls, little drawing in one."""

from __future__ import annotations

import ast
import gc
import itertools
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.text import Text
from textual._styles_cache import StylesCache
from textual.message_pump import MessagePump
from textual.timer import Timer
from textual.widgets import Static
from textual.widgets._footer import FooterKey

from app.tui.chrome import TopBar
from app.tui.screens.monitor import MonitorScreen
from app.tui.widgets.call_view import CallView
from app.tui.widgets.curve import Curve, Mark, MarkKind
from app.tui.widgets.level_chart import LevelChart, dot_seconds
from app.tui.wizard.steps import Step
from app.tui.wizard.verdict import VerdictScreen
from app.words.sentences import outcome_name
from core.calibration.grader import CalibrationGrader, Feedback
from core.calibration.machine import Slot
from core.calibration.reader import CandidateReader
from core.candidates.network import LiteRTNetwork
from core.candidates.registry import Candidate
from core.method.emotion import Emotion, Outcome
from tests.tui.stage import ColourSource, Stage, hold, open_stage, walk_to

ROOT = Path(__file__).parents[2]
SLOWEST_IDLE_SECONDS = 1.0


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[weakref.ref[LiteRTNetwork]]]:
    """Every network that is loaded, as long as it lives."""
    seen: list[weakref.ref[LiteRTNetwork]] = []
    real = Candidate.load

    def load(self: Candidate, threads: int = 1) -> LiteRTNetwork:
        network = real(self, threads)
        seen.append(weakref.ref(network))
        return network

    monkeypatch.setattr(Candidate, "load", load)
    yield seen


def living(networks: list[weakref.ref[LiteRTNetwork]]) -> list[str]:
    gc.collect()
    return sorted(network.card.id for network in (ref() for ref in networks) if isinstance(network, LiteRTNetwork))


def running_timers(stage: Stage) -> list[Timer]:
    """Timers that would wake the program: those of the app, its screens and their widgets that are not paused."""
    pumps: list[MessagePump] = [stage.app]
    for screen in stage.app.screen_stack:
        pumps += screen.walk_children(with_self=True)
    running = []
    for pump in pumps:
        running += [timer for timer in pump._timers if bool(timer._active.is_set())]
    return running


async def test_between_calls_the_camera_is_closed_and_no_timer_is_faster_than_a_second(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        for _ in range(2):
            await stage.settle()
            assert stage.app.watcher.purpose is None
            assert stage.open_sources == 0
            timers = running_timers(stage)
            assert timers
            assert [timer for timer in timers if timer._interval < SLOWEST_IDLE_SECONDS] == []
            await stage.press("space")
            await stage.until_watching()
            assert stage.open_sources == 1
            await stage.advance(2.0)
            await stage.press("space")
            await stage.until(lambda: stage.app.watcher.purpose is None, "the call to end")


def test_every_interval_of_the_screens_is_a_second_or_longer_but_the_breathing_one() -> None:
    fast = {}
    for path in sorted((ROOT / "app" / "tui").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = {
            target.id: float(node.value.value)
            for node in tree.body
            if isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, (int, float))
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "set_interval":
                given = node.args[0]
                seconds = constants.get(ast.unparse(given)) or float(ast.literal_eval(given))
                if seconds < SLOWEST_IDLE_SECONDS:
                    fast[path.name] = seconds
    # A minute that the person asks for; and their consent, while somebody is looked at and no longer.
    assert fast == {"breathe.py": 0.2, "app.py": 0.5}


async def test_the_monitor_holds_one_network_and_only_once_a_call_has_begun(
    tmp_path: Path, loaded: list[weakref.ref[LiteRTNetwork]]
) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        await stage.app.tools()
        assert living(loaded) == []
        for _ in range(3):
            await stage.press("space")
            await stage.until_watching()
            await stage.advance(0.4)
            assert living(loaded) == ["tiny-1"]
            await stage.press("space")
            await stage.until(lambda: stage.app.watcher.purpose is None, "the call to end")
        assert living(loaded) == ["tiny-1"]


async def test_what_is_there_when_a_call_begins_is_not_looked_through_for_garbage_until_it_ends(tmp_path: Path) -> None:
    gc.unfreeze()
    async with open_stage(tmp_path, ready=True) as stage:
        for _ in range(2):
            assert gc.get_freeze_count() == 0
            await stage.press("space")
            await stage.until_watching()
            await stage.until(lambda: gc.get_freeze_count() > 10_000, "all but what the call makes to be passed over")
            await stage.press("space")
            await stage.until(lambda: stage.app.watcher.purpose is None, "the call to end")
            await stage.until(lambda: gc.get_freeze_count() == 0, "everything to be looked through again")
        await stage.press("space")
        await stage.until_watching()
    assert gc.get_freeze_count() == 0, "a program that is left in a call leaves nothing so"


@pytest.mark.thorough
async def test_the_wizards_networks_are_let_go_of_with_the_verdict(
    tmp_path: Path, loaded: list[weakref.ref[LiteRTNetwork]]
) -> None:
    async with open_stage(tmp_path) as stage:
        await walk_to(stage, Step.MONITOR)
        await stage.settle()
        assert len(loaded) == 2
        assert living(loaded) == []


@pytest.mark.thorough
async def test_while_the_verdict_is_read_no_network_holds_memory(
    tmp_path: Path, loaded: list[weakref.ref[LiteRTNetwork]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.calibration.lane.REST_SECONDS", 3600.0)
    async with open_stage(tmp_path) as stage:
        await walk_to(stage, Step.VERDICT)
        networks = [network for ref in loaded if (network := ref()) is not None]
        assert networks
        await stage.until(
            lambda: all(vars(network._runner)["_interpreter"] is None for network in networks), "the networks to rest"
        )


@pytest.mark.thorough
async def test_what_the_wizard_took_goes_back_to_the_system_before_the_first_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.tui.app.GONE_SECONDS", 0.3)
    left: list[int] = []

    def give_back() -> bool:
        left.append(sum(isinstance(one, CandidateReader | VerdictScreen) for one in gc.get_objects()))
        return True

    monkeypatch.setattr("app.tui.app.give_free_memory_back", give_back)
    async with open_stage(tmp_path) as stage:
        await walk_to(stage, Step.MONITOR)
        await stage.until(lambda: bool(left), "memory to be given back")
        assert left == [0]


async def test_a_reading_that_changes_nothing_draws_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        await stage.press("space")
        await stage.until_watching()
        await stage.advance(62.0)  # the last minute of the face is known by then
        screen = stage.app.screen
        assert isinstance(screen, MonitorScreen)
        written: list[str] = []
        laid_out: list[bool] = []
        real = Static.update

        def update(self: Static, content: object = "", *, layout: bool = True) -> None:
            written.append(str(self.id))
            laid_out.append(layout)
            real(self, content, layout=layout)  # type: ignore[arg-type]

        monkeypatch.setattr(Static, "update", update)
        await stage.advance(3.0)  # fifteen readings of a calm face
        assert set(written) <= {"call-clock"}
        assert not any(laid_out)


async def test_a_second_of_a_call_is_drawn_once_its_clock_with_its_curve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.tui.screens.monitor.CLOCK_SECONDS", 3600.0)  # the stage looks at the clock, once a second
    drawn: list[float] = []
    real = CallView.show_clock

    def show_clock(self: CallView) -> None:
        drawn.append(self._calling.seconds)
        real(self)

    async with open_stage(tmp_path, ready=True) as stage:
        await stage.press("space")
        await stage.until_watching()
        await stage.advance(1.0)
        monkeypatch.setattr(CallView, "show_clock", show_clock)
        for _ in range(5):
            await stage.advance(1.0)  # five readings, and the timer that looks at the clock
        assert len(drawn) == 5
        await stage.press("p")
        await stage.until(lambda: stage.app.watcher.purpose is None, "the camera to close")
        drawn.clear()
        for _ in range(5):
            await stage.advance(1.0)  # no readings: the clock goes on by itself
        assert len(drawn) >= 4


async def test_the_top_line_is_drawn_anew_with_the_minute_and_not_with_the_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    real = TopBar.render

    def render(self: TopBar) -> Text:
        line = real(self)
        drawn.append(line.plain)
        return line

    async with open_stage(tmp_path, ready=True) as stage:
        monkeypatch.setattr(TopBar, "render", render)
        for _ in range(130):
            await stage.advance(1.0)
        assert 2 <= len(drawn) <= 3
        assert len(drawn) == len(set(drawn))


async def test_a_change_of_theme_in_a_call_redraws_what_stands_there(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        await stage.press("space")
        await stage.until_watching()
        await stage.advance(2.0)
        before = stage.text()
        await stage.press("f3")
        await stage.advance(0.2)
        assert "Call 1" in before
        assert "Call 1" in stage.text()
        style = stage.app.screen.query_one(CallView)._said["shares"][1]
        assert stage.app.theme_variables["emotion-neutral"] in repr(style)


@pytest.mark.thorough
async def test_keys_of_earlier_calls_and_what_they_drew_are_let_go_of(tmp_path: Path) -> None:
    def held() -> tuple[int, int]:
        living = gc.get_objects()
        return tuple(sum(isinstance(one, kind) for one in living) for kind in (FooterKey, StylesCache))  # type: ignore[return-value]

    async with open_stage(tmp_path, ready=True) as stage:
        counted = []
        for _ in range(4):
            await stage.press("space")
            await stage.until_watching()
            await stage.press("space")
            await stage.until(lambda: stage.app.watcher.purpose is None, "the call to end")
            counted.append(held())
        assert counted[1:] == counted[1:2] * 3


async def _drawn(stage: Stage, places: set[str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What three seconds of a call draw in these places."""
    await stage.press("space")
    await stage.until_watching()
    await stage.advance(1.0)
    drawn: list[str] = []
    real = Static.update

    def update(self: Static, content: object = "", *, layout: bool = True) -> None:
        if self.id in places:
            drawn.append(str(content))
        real(self, content, layout=layout)  # type: ignore[arg-type]

    monkeypatch.setattr(Static, "update", update)
    for _ in range(15):
        await stage.advance(0.2)
    return drawn


async def test_a_level_that_changes_five_times_a_second_is_drawn_once_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tense() -> ColourSource:
        return ColourSource(mood=lambda _seconds: Emotion.STRESS)

    async with open_stage(tmp_path, ready=True, make_source=tense) as stage:
        drawn = await _drawn(stage, {"tension-word", "reading", "shares"}, monkeypatch)
        assert 3 <= len(drawn) <= 8
        assert len(drawn) == len(set(drawn))


@pytest.mark.parametrize("at", [3.7, 3.9, 4.1])
async def test_another_word_for_what_is_read_does_not_wait_for_the_second(tmp_path: Path, at: float) -> None:
    def turning() -> ColourSource:
        return ColourSource(mood=lambda seconds: Emotion.HAPPY if seconds >= at else Emotion.SURPRISE)

    async with open_stage(tmp_path, ready=True, make_source=turning) as stage:
        await stage.press("space")
        await stage.until_watching()
        late, seen = [], set()
        for _ in range(30):
            await stage.advance(0.2)
            view = stage.app.screen.query_one(CallView)
            late.append(
                view._update is not None and outcome_name(view._update.reading.outcome) not in view._said["reading"][1]
            )
            seen.add(view._update and view._update.reading.outcome)
        assert {Outcome.SURPRISE, Outcome.HAPPY} <= seen
        assert not any(two == (True, True) for two in itertools.pairwise(late))


async def test_how_an_expression_was_read_is_worked_out_once_while_the_person_thinks_about_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Feedback] = []
    real = CalibrationGrader.feedback

    def feedback(self: CalibrationGrader, slot: Slot) -> Feedback | None:
        found = real(self, slot)
        told.extend([found] if found is not None else [])
        return found

    monkeypatch.setattr(CalibrationGrader, "feedback", feedback)
    async with open_stage(tmp_path) as stage:
        await walk_to(stage, Step.EXPRESSIONS)
        for number in (1, 2):
            await stage.press("space")
            await hold(stage)
            await stage.advance(5.0)
            assert len(told) == number


async def test_the_curve_of_a_long_call_is_drawn_when_there_is_another_dot_or_mark_to_be_seen(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        await stage.press("space")
        await stage.until_watching()
        await stage.advance(1.0)
        chart = stage.app.screen.query_one("#curve", LevelChart)
        drawn: list[int] = []
        for seconds in range(1, 1801):
            curve = Curve((0.5,) * seconds, (Mark(1000, MarkKind.NOTE),) if seconds > 1000 else ())
            if chart.would_change(curve):
                drawn.append(seconds)
                chart.set_reactive(LevelChart.curve, curve)
        assert drawn[:120] == list(range(1, 121)), "a short call each second"
        assert 1001 in drawn, "a note at once"
        assert len(drawn) < 600
        assert max(after - before for before, after in itertools.pairwise(drawn)) <= dot_seconds(1800, 60)
        assert chart.would_change(Curve((0.5,) * 3)), "another call"
