"""Makes the README's pictures: the demo, played by itself, in docs/pictures. Run: python3 -m tests.pictures"""

from __future__ import annotations

import asyncio
import html
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.cells import cell_len
from textual.app import App

from app.bootstrap import DEVELOP, enter

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
STUCK_SECONDS = 120.0
LEAST_TEXTS = 6
"""Every screen has more pieces of text than this: its heading, its foot and something in between."""


async def _draw(language: str, suffix: str) -> None:
    from app.tui.autoplay import play
    from app.tui.services import DemoOptions, Services, load_reading_tools
    from app.tui.start import make_app, source_maker
    from app.tui.wizard.steps import Step
    from app.words.language import use_language
    from core.calibration.machine import Phase
    from core.store import Store
    from core.store.locations import Locations
    from core.system.clock import ManualClock
    from core.system.resources import MODELS_FOLDER

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
                load_tools=lambda: load_reading_tools(MODELS_FOLDER),
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
                "call": lambda: app.calling.seconds > 66,
                "between": lambda: (
                    len(store.calls()) == 1 and app.calling.running is None and app.current_step is Step.MONITOR
                ),
            }
            async with app.run_test(size=(80, 24)) as pilot:
                playing = asyncio.create_task(play(pilot))
                for name, is_there in moments.items():
                    await _until(is_there)
                    await asyncio.sleep(0.0 if name in ("expression", "call") else 0.5)
                    svg = await _screenshot(app)
                    plain = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)  # no fonts from other machines
                    (PICTURES / f"{name}{suffix}.svg").write_text(widened(plain), encoding="utf-8")
                playing.cancel()
                app.exit(0)


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
    """Draw all pictures, in English and Korean."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for language, suffix in (("en", ""), ("ko", ".ko")):
        asyncio.run(_draw(language, suffix))
    print(f"wrote {len(list(PICTURES.glob('*.svg')))} pictures to {PICTURES}")


if __name__ == "__main__":
    enter(DEVELOP, "tests.pictures")
    main()
