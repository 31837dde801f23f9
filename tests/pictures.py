"""Makes the README's pictures: the demo, played by itself, in docs/pictures. Run: python3 -m tests.pictures [en|ko]

One of them moves: `run.svg` is the whole run, from the first screen to the end of a call.
"""

from __future__ import annotations

import asyncio
import html
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.cells import cell_len
from textual.app import App

from app.bootstrap import DEVELOP, enter

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
STUCK_SECONDS = 300.0
FRAME_SECONDS = 2.5
MOVING_ONLY = ("rising", "settling")
"""What is in the moving picture and has none of its own."""

STANDING = {"verdict": 10, "between": 10}
"""How many times more these are taken, as long as they stand: they are not complete at once."""

LEAST_TEXTS = 6
"""Every screen has more pieces of text than this: its heading, its foot and something in between."""


async def _draw(language: str, suffix: str) -> None:
    from app.tui.autoplay import play
    from app.tui.services import DemoOptions, Services, load_reading_tools
    from app.tui.start import make_app, source_maker
    from app.tui.wizard.steps import Step
    from app.words.language import use_language
    from core.calibration.machine import Phase
    from core.store.locations import Locations
    from core.store.store import Store
    from core.system.clock import ManualClock
    from core.system.resources import LANDMARKS_FOLDER, MODELS_FOLDER

    use_language(language)
    with tempfile.TemporaryDirectory(prefix="calmline-pictures-") as folder:
        locations = Locations.below(Path(folder))
        locations.prepare()
        clock = ManualClock()
        with Store.open(locations.database, clock) as store:
            store.set_setting("language", language)
            services = Services(
                locations=locations,
                store=store,
                clock=clock,
                make_source=source_maker(store, "actor:m_easian"),
                load_tools=lambda: load_reading_tools(MODELS_FOLDER, LANDMARKS_FOLDER),
                fixed_source=True,
                demo=DemoOptions(auto=True),  # not fast: each screen stays for a moment
            )
            app = make_app(services)

            def holds() -> bool:
                calibration = app.wizard.calibration
                return (
                    calibration is not None
                    and calibration.expression.id == "rage"
                    and calibration.phase is Phase.HOLD
                    and calibration.take == 2
                    and calibration.share_done(clock.monotonic()) > 0.6
                )

            moments: dict[str, Callable[[], bool]] = {
                "welcome": lambda: app.current_step is Step.WELCOME,
                "light": lambda: (
                    app.current_step is Step.LIGHT and bool(getattr(getattr(app.screen, "_seen", None), "ready", False))
                ),
                "expression": holds,
                "verdict": lambda: app.current_step is Step.VERDICT and bool(getattr(app.screen, "_done", False)),
                "rising": lambda: app.calling.seconds > 30,
                "settling": lambda: app.calling.seconds > 50,
                "call": lambda: app.calling.seconds > 66,
                "between": lambda: (
                    len(store.calls()) == 1 and app.calling.running is None and app.current_step is Step.MONITOR
                ),
            }
            frames: list[str] = []
            async with app.run_test(size=(80, 24)) as pilot:
                playing = asyncio.create_task(play(pilot))
                for name, is_there in moments.items():
                    await _until(is_there)
                    svg = await _screenshot(app)
                    for _ in range(STANDING.get(name, 0)):  # what stands for a moment is complete at its end
                        await asyncio.sleep(0.05)
                        later = await _screenshot(app)
                        if not is_there():
                            break
                        svg = later
                    plain = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)  # no fonts from other machines
                    frames.append(widened(plain))
                    if name not in MOVING_ONLY:
                        (PICTURES / f"{name}{suffix}.svg").write_text(frames[-1], encoding="utf-8")
                if not suffix:
                    (PICTURES / "run.svg").write_text(animated(frames), encoding="utf-8")
                playing.cancel()
                app.exit(0)


def animated(frames: Sequence[str], seconds: float = FRAME_SECONDS) -> str:
    """Pictures of one size, one after the other for `seconds` each, again and again; the last one stays twice as long.

    Where nothing moves (a printed page) the last one is seen.
    """
    whole = (len(frames) + 1) * seconds
    size = re.search(r'viewBox="[^"]*"', frames[0])
    assert size is not None, "a picture without a size"
    shown = []
    for number, frame in enumerate(frames):
        last = number == len(frames) - 1
        begin, end = number * seconds / whole, 1.0 if last else (number + 1) * seconds / whole
        times = [(0.0, "hidden"), (begin, "visible"), (end, "hidden")][0 if number else 1 : 2 if last else 3]
        shown.append(
            f'<g visibility="{"visible" if last else "hidden"}"><animate attributeName="visibility" calcMode="discrete" '
            f'dur="{whole:g}s" repeatCount="indefinite" values="{";".join(value for _, value in times)}" '
            f'keyTimes="{";".join(f"{time:.4f}" for time, _ in times)}"/>{frame}</g>'
        )
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size[0]}>' + "\n".join(shown) + "</svg>\n"


_TEXT = re.compile(r'textLength="([0-9.]+)"([^>]*>)([^<]+)<')


def widened(svg: str) -> str:
    """The picture with room for Hangul: Rich gives every character one cell, and a browser squeezes it into that."""

    def wide(found: re.Match[str]) -> str:
        text = html.unescape(found[3])
        length = float(found[1]) * cell_len(text) / len(text)
        return f'textLength="{length:g}"{found[2]}{found[3]}<'

    return _TEXT.sub(wide, svg)


async def _screenshot(app: App[int]) -> str:
    """The screen as SVG, once there is one: between two screens nothing is painted for a moment."""
    svg = ""

    def is_painted() -> bool:
        nonlocal svg
        svg = app.export_screenshot(title="Calmline")
        return len(_TEXT.findall(svg)) >= LEAST_TEXTS

    await _until(is_painted)
    return svg


async def _until(happened: Callable[[], bool]) -> None:
    for _ in range(round(STUCK_SECONDS / 0.01)):
        if happened():
            return
        await asyncio.sleep(0.01)
    raise SystemExit("the demo got stuck")


def main() -> None:
    """Draw all pictures, in the languages named or in English and Korean."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for language, suffix in (("en", ""), ("ko", ".ko")):
        if language in (sys.argv[1:] or ["en", "ko"]):
            asyncio.run(_draw(language, suffix))
    print(f"wrote {len(list(PICTURES.glob('*.svg')))} pictures to {PICTURES}")


if __name__ == "__main__":
    enter(DEVELOP, "tests.pictures")
    main()
