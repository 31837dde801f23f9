"""Step 3: which camera. None is opened here: the light check is the first to look."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import OptionList

from app.tui.chrome import StepHeader
from app.tui.keys import after_keys
from app.tui.screens.base import CalmScreen
from app.tui.services import chosen_camera, remember_camera
from app.tui.widgets.marked_list import MarkedList
from app.tui.widgets.plain import Plain
from app.tui.wizard.steps import WIZARD, Step, step_number
from app.words.errors import source_name
from app.words.language import N_, _


class CameraScreen(CalmScreen):
    """Choose a camera by name (Linux) or number; a source that was named at the start is only shown."""

    CSS_PATH = "camera.tcss"
    AUTO_FOCUS = "#cameras"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go_on", N_("go on"), id="camera.next", priority=True),
        Binding("r", "look_again", N_("look again"), id="camera.again"),
        Binding("escape", "back", N_("back"), id="camera.back"),
    ]

    def __init__(self) -> None:
        """No camera is known yet."""
        super().__init__()
        self._cameras: list[tuple[int, str]] = []

    def compose_content(self) -> ComposeResult:
        """The list and what happens next."""
        yield StepHeader(step_number(Step.CAMERA), len(WIZARD), _("Camera"), _("no camera is on yet"))
        with Horizontal(id="columns"):
            with Vertical():
                yield Plain("", id="intro")
                yield MarkedList({}, id="cameras")
            with Vertical():
                yield Plain("", id="hint", classes="quiet")

    def content_ready(self) -> None:
        """List what there is."""
        if self.calmline.services.fixed_source:
            self._show_fixed()
        else:
            self._list_cameras()

    def _show_fixed(self) -> None:
        name = self.calmline.make_source().name
        self.query_one("#cameras", MarkedList).display = False
        self.query_one("#intro", Plain).update(
            _("This time Calmline looks at: {name}. No camera is used.").format(name=source_name(name))
        )
        self.query_one("#hint", Plain).update(_("Enter goes on to the light check."))

    def _list_cameras(self) -> None:
        from core.sources.devices import list_cameras

        self._cameras = list_cameras()
        options = self.query_one("#cameras", MarkedList)
        chosen = chosen_camera(self.calmline.services.store)
        number = _("camera {number}")
        options.show({str(index): f"{number.format(number=index)}   {name}" for index, name in self._cameras}, chosen)
        options.display = bool(self._cameras)
        self.query_one("#intro", Plain).update(
            _("Which camera looks at you while you talk?")
            if self._cameras
            else _("No camera was found. Plug one in, open its shutter, and press r to look again.")
        )
        self.query_one("#hint", Plain).update(
            _("The next step turns it on, checks the light, and shows a drawing, never a picture of you.")
            if self._cameras
            else _("Without a camera: close with Ctrl+Q and try “calmline demo”, where an actor plays.")
        )

    @on(OptionList.OptionHighlighted, "#cameras")
    def choose(self, event: OptionList.OptionHighlighted) -> None:
        """Remember the camera pointed at."""
        if event.option_id is not None:
            remember_camera(self.calmline.remember, event.option_id, self._cameras)

    def action_look_again(self) -> None:
        """List the cameras again."""
        self.content_ready()

    def action_go_on(self) -> None:
        """To the light check, which opens the camera."""
        after_keys(self, self._go_on)

    def _go_on(self) -> None:
        pointed = self.query_one("#cameras", MarkedList).pointed if self.drawn else None
        if pointed is not None:  # what tells of an arrow key may still be on the way
            remember_camera(self.calmline.remember, pointed, self._cameras)
        if self.calmline.services.fixed_source or self._cameras:
            self.calmline.show_following(Step.CAMERA)

    def action_back(self) -> None:
        """Go back to the consent."""
        self.calmline.show_preceding(Step.CAMERA)
