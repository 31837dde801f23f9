"""Whatever a terminal sends for a key, the program takes it or lets it go; and a crash is a sentence and an exit code."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual._xterm_parser import XTermParser

from app.tui.base_app import CalmPalette
from app.tui.wizard.steps import Step
from tests.privacy.test_leaving import Terminal
from tests.tui.stage import open_stage

ROOT = Path(__file__).parents[2]
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")

KEY_LET_GO = "\x1b[97;1:3u"
ALTERNATE_KEY = "\x1b[113:81;5u"
HANGUL_CTRL_Q = "\x1b[12610;5u"
HANGUL_CTRL_P = "\x1b[12628;5u"

CODES = st.lists(
    st.one_of(
        st.from_regex(r"\x1b\[[<?0-9;:-]{0,20}[u~A-Sa-zM$]", fullmatch=True),
        st.from_regex(r"\x1b\[(48|1|113|12610|99999999999|٣);?[0-9:;]{0,12}[ut~R]", fullmatch=True),
        st.sampled_from(["\x1b[48;0;0;0;0t", "\x1b[<0;1;1M", KEY_LET_GO, ALTERNATE_KEY, "\x1b", "\x1bO", "\x1b[200~"]),
        st.text(max_size=4),
    ),
    max_size=6,
)


def keys_of(codes: str) -> list[str]:
    """The keys that Textual's parser makes of what a terminal sent."""
    parser = XTermParser()
    found = [*parser.feed(codes), *parser.tick()]
    return [one.key for one in found if isinstance(one, events.Key)]


@given(CODES)
def test_no_code_brings_the_parser_down(codes: list[str]) -> None:
    keys_of("".join(codes))


@pytest.mark.parametrize("code", [KEY_LET_GO, ALTERNATE_KEY, "\x1b[99999999u", "\x1b[97;;99999999u"])
def test_what_means_nothing_to_it_is_let_go(code: str) -> None:
    assert keys_of(f"a{code}b") == ["a", "b"]


@pytest.mark.parametrize("code", [HANGUL_CTRL_Q, HANGUL_CTRL_P])
async def test_ctrl_and_a_hangul_letter_mean_ctrl_and_the_latin_key_there(tmp_path: Path, code: str) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        await stage.until_step(Step.MONITOR)
        [key] = keys_of(code)
        stage.app.post_message(events.Key(key, None))
        if code == HANGUL_CTRL_P:
            await stage.until(lambda: isinstance(stage.app.screen, CalmPalette), "the palette")
        else:
            await stage.until(lambda: stage.app._exit, "the end")
            assert stage.app.return_code == 0


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    opened: list[Terminal] = []
    yield opened
    for terminal in opened:
        terminal.close()


@posix_only
def test_in_a_real_terminal_they_are_ignored_and_ctrl_q_in_hangul_mode_quits(
    terminals: list[Terminal], tmp_path: Path
) -> None:
    terminal = Terminal(tmp_path, "demo")
    terminals.append(terminal)
    terminal.wait_for("Welcome")
    terminal.type((KEY_LET_GO + ALTERNATE_KEY).encode())
    terminal.type(b"\r")
    terminal.wait_for("Measure me")
    terminal.type(HANGUL_CTRL_Q.encode())
    terminal.seconds_to_end()
    assert terminal.process.returncode == 0


BROKEN = {
    "in the thread that reads keys": "XTermParser.feed = lambda *_: 1 // 0",
    "in the handling of a key": "BaseApp.on_event = fail_at_key",
    "outside of Textual's own care": "BaseApp.run = run_and_fail",
}
CRASH = """
import sys
from textual._xterm_parser import XTermParser
from textual import events
from app.tui.base_app import BaseApp
on_event, run_app = BaseApp.on_event, BaseApp.run

async def fail_at_key(self, event):
    await on_event(self, event)
    if isinstance(event, events.Key):
        1 // 0

def run_and_fail(self, **how):
    run_app(self, **how)
    sys.__stderr__.write("\\x1b[?1049h\\x1b[?1000h")
    1 // 0

HOW
from app.cli.main import run
sys.exit(run(["demo"]))
"""


@posix_only
@pytest.mark.parametrize("where", BROKEN)
def test_a_crash_gives_the_terminal_back_names_the_log_and_exits_with_one(
    terminals: list[Terminal], tmp_path: Path, where: str
) -> None:
    class Breaking(Terminal):
        program = ("-c", CRASH.replace("HOW", BROKEN[where]))

    terminal = Breaking(tmp_path)
    terminals.append(terminal)
    terminal.wait_for("Welcome")
    terminal.type(b"\x11")
    terminal.seconds_to_end()
    terminal.read()
    shown = terminal.output.decode(errors="replace")
    last = shown.rsplit("\x1b[?1049l", 1)[-1]
    assert terminal.process.returncode == 1
    assert "Something went wrong inside Calmline" in last
    assert "calmline.log" in last.replace("\r\n", "")
    assert "Traceback" not in shown
    assert r"\x1b" not in shown
    assert shown.rfind("\x1b[?1049h") < shown.rfind("\x1b[?1049l")
    assert shown.rfind("\x1b[?1000h") < shown.rfind("\x1b[?1000l")
    [log] = tmp_path.rglob("calmline.log")
    assert "ZeroDivisionError" in log.read_text(encoding="utf-8")


TARGETS = (
    "sys.modules['textual._xterm_parser'] = None",
    "sys.modules['textual._styles_cache'] = None",
    "del textual._xterm_parser.XTermParser._parse_extended_key",
    "del textual._xterm_parser.XTermParser.parse_mouse_code",
    "del textual._xterm_parser.XTermParser",
    "del textual._styles_cache.StylesCache.get_inner_outer",
    "del textual._styles_cache.StylesCache",
    "del textual.command.CommandPalette._action_command_list",
    "del textual.app.App._fatal_error",
    "del textual.app.App.panic",
    "del textual.keys.Keys.Ignore",
)


@pytest.mark.parametrize("missing", TARGETS)
def test_a_textual_without_what_a_workaround_mends_does_not_stop_the_start(missing: str) -> None:
    program = (
        "import sys, textual.app, textual.command, textual.widgets, textual._xterm_parser, textual._styles_cache\n"
        "import textual.widgets._footer, textual.widgets._input\n"
        f"try:\n    {missing}\nexcept AttributeError: pass\n"
        "import app.tui.start, app.tui.screens.monitor\n"
        "from app.tui.base_app import forget_widgets_gone; forget_widgets_gone(); print('begun')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.stdout == "begun\n", done.stderr


def test_nothing_but_the_base_app_names_a_private_part_of_textual() -> None:
    for path in (ROOT / "app").rglob("*.py"):
        if path.name != "base_app.py":
            assert "textual._" not in path.read_text(encoding="utf-8"), path
