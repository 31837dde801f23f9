"""Every reader of the program, each with good files to begin with and the errors that it may answer with."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import cv2
import numpy as np

from app.cli.privacy.report import notes_in
from app.tui.wizard.steps import first_step
from app.words.errors import known_error_sentence
from app.words.language import language_names
from app.words.printable import printable
from core.candidates.card import CARD_FILE, NETWORK_FILE, CardError, load_card
from core.candidates.classify import GradeInputError, iter_expression_pictures
from core.candidates.graph_check import graph_problem
from core.candidates.network import NetworkError
from core.candidates.registry import read_registry
from core.coach.questions import QuestionListError, read_questions
from core.control.channel import read_authkey
from core.control.protocol import ControlError, parse_command, parse_reply
from core.datasets.labelled import DataSetError, read_set
from core.method.emotion import EXPRESSIONS, Outcome
from core.method.sample import Sample
from core.sources.actor import DemoActor
from core.sources.pictures import decode_picture, iter_pictures
from core.sources.source import SourceError
from core.sources.tables import TableError, rows_of
from core.sources.video import VideoSource
from core.store.errors import StoreError
from core.store.lock import InstanceLock
from core.store.records import CallStart, ShareLevel
from core.store.settings import kept_days, reading_settings
from core.store.store import Store
from core.store.tables import spreadsheet_safe
from core.system.clock import ManualClock
from core.system.resources import ASSETS_FOLDER
from tests.tiny_network import card_for, tiny_network
from tests.tui.stage import consent_of, set_up


@dataclass(frozen=True, slots=True)
class Reader:
    """`read` gets a file's content and an empty folder; it may raise nothing but `errors`. `inputs`: for the long run."""

    name: str
    inputs: int
    seeds: Sequence[bytes]
    read: Callable[[bytes, Path], object]
    errors: tuple[type[Exception], ...] = ()


def readers(folder: Path) -> list[Reader]:
    """All of them; `folder` is for making good files."""
    network = tiny_network()
    card = card_for(network, "tiny-1").to_json().encode()
    pictures = _pictures()
    return [
        Reader("card", 2500, [card], _card, (CardError,)),
        Reader("card beside a network", 500, [card], lambda content, place: _candidate(content, network, place)),
        Reader("network", 800, [network], lambda content, place: _candidate(card, content, place)),
        Reader("network's graph", 1200, [network], lambda content, _: graph_problem(content)),
        Reader("table", 800, _lists(), lambda content, _: rows_of("list.csv", content, ("file",)), (TableError,)),
        Reader("picture", 3500, pictures, _picture),
        Reader("zip of pictures", 2000, _zips(pictures), _zip, (SourceError,)),
        Reader("list of expressions", 1800, _lists(), _list, (GradeInputError,)),
        Reader("video", 600, _videos(folder), _video, (SourceError,)),
        Reader("actor's list", 400, [_actor_list()], _actor, (SourceError,)),
        Reader("actor's frame", 150, pictures[:1], _actor_frame, (SourceError,)),
        Reader("questions", 1200, ["What?\n# no\nWhy? 왜요?\n".encode()], _questions, (QuestionListError,)),
        Reader("database", 1300, [_database(folder)], _record, (StoreError,)),
        Reader("database, only looked at", 400, [_database(folder)], _look, (StoreError,)),
        Reader("another file as database", 200, [*pictures, b"Dear diary\n" * 50], _foreign, (StoreError,)),
        Reader("lock", 500, [b'{"pid": 12, "since": "2026-01-01T00:00:00.000+00:00"}'], _lock),
        Reader("control command", 800, [b'{"action": "start"}'], lambda one, _: parse_command(one), (ValueError,)),
        Reader("control reply", 800, [_reply()], lambda one, _: parse_reply(one), (ValueError,)),
        Reader("control key", 200, [b"0" * 64], _key, (ControlError,)),
        Reader("settings", 300, [b"90", b"dark", b"en", b"monitor", b"thesis-table"], _settings, (StoreError,)),
        Reader("training set", 500, [_labelled()], _training, (DataSetError,)),
        Reader("the log", 600, [b"INFO: Created\nprivacy: writes /etc/x\nprivacy: \xff\n"], _noted),
        Reader("words for the terminal and for a table", 500, [b"name.png", "이름".encode()], _words),
    ]


def _pictures() -> list[bytes]:
    pixels = np.random.default_rng(1).integers(0, 255, (40, 48, 3), np.uint8)
    return [cv2.imencode(suffix, pixels)[1].tobytes() for suffix in (".jpg", ".png", ".webp")]


def _zips(pictures: Sequence[bytes]) -> list[bytes]:
    made = []
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", method) as archive:
            for number, suffix in enumerate((".jpg", ".png", ".webp")):
                archive.writestr(f"deep/{number}{suffix}", pictures[number])
        made.append(stream.getvalue())
    return made


def _lists() -> list[bytes]:
    lines = "".join(f"{number}.png,{one.id}\n" for number, one in enumerate(EXPRESSIONS))
    return [("file,expression\n" + lines).encode(), ("\ufefffile,expression,note\r\n" + lines).encode()]


def _labelled() -> bytes:
    rows = "".join(
        f"deep/{n}.png,{('stress', 'happy|neutral')[n % 2]},p{n % 2},{('val', 'train')[n // 4]}\n" for n in range(8)
    )
    return ("file,label,subject,split\n" + rows).encode()


def _reply() -> bytes:
    return json.dumps({"ok": True, "code": "started", "facts": {"call": 1, "level": 20}}).encode()


def _actor_list() -> bytes:
    return (ASSETS_FOLDER / "actor" / "f_white" / "frames.csv").read_bytes()


def _videos(folder: Path) -> list[bytes]:
    made = []
    for suffix, code in ((".avi", "MJPG"), (".mp4", "mp4v")):
        path = folder / f"good{suffix}"
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*code), 10.0, (64, 48))
        for number in range(6):
            writer.write(np.full((48, 64, 3), number * 30, np.uint8))
        writer.release()
        made.append(path.read_bytes())
    return made


def _database(folder: Path) -> bytes:
    path = folder / "good.db"
    if not path.exists():
        clock = ManualClock()
        with Store.open(path, clock) as store:
            set_up(store)
            store.record_consent(consent_of(store, share=ShareLevel.CURVES))
            store.begin_session("0.1.0")
            for _ in range(2):
                call = store.begin_call(CallStart("tiny-1"))
                store.add_samples(call.id, [Sample(200 * n, Outcome.STRESS, 20 * n) for n in range(40)])
                clock.advance(8)
                store.add_note(call.id, 400, "a note")
                store.end_call(call.id)
            store.begin_call(CallStart("tiny-1"))  # and one that was left open
    return path.read_bytes()


def _write(content: bytes, path: Path) -> Path:
    path.write_bytes(content)
    return path


def _card(content: bytes, folder: Path) -> None:
    assert load_card(_write(content, folder / CARD_FILE)).name.isprintable()


def _candidate(card: bytes, network: bytes, folder: Path) -> None:
    place = folder / "models" / "tiny-1"
    place.mkdir(parents=True, exist_ok=True)
    _write(card, place / CARD_FILE)
    _write(network, place / NETWORK_FILE)
    registry = read_registry(folder / "models")
    assert len(registry.candidates) + len(registry.rejections) == 1
    for candidate in registry.candidates:
        try:
            candidate.load()
        except NetworkError as error:
            assert str(error)


def _picture(content: bytes, _: Path) -> None:
    decoded = decode_picture("one", content)
    assert (decoded.pixels is None) == bool(decoded.problem)


def _zip(content: bytes, folder: Path) -> None:
    before = set(folder.rglob("*"))
    for picture in iter_pictures(_write(content, folder / "all.zip")):
        assert (picture.pixels is None) == bool(picture.problem)
    assert set(folder.rglob("*")) - before <= {folder / "all.zip"}


def _list(content: bytes, folder: Path) -> None:
    _write(_pictures()[1], folder / "0.png")
    for one in iter_expression_pictures(_write(content, folder / "person.csv")):
        assert one.expression_id in {expression.id for expression in EXPRESSIONS}


def _video(content: bytes, folder: Path) -> None:
    source = VideoSource(_write(content, folder / "clip.mp4"))
    try:
        source.open()
        for tick in range(4):
            source.frame_at(tick * 0.2)
    finally:
        source.close()


def _actor(content: bytes, folder: Path) -> None:
    _write(content, folder / "frames.csv")
    actor = DemoActor(folder)
    actor.open()
    actor.frame_at(0.0)


def _actor_frame(content: bytes, folder: Path) -> None:
    _write(b"file\nneutral.jpg\nfrown_100.jpg\n", folder / "frames.csv")
    _write(_pictures()[0], folder / "neutral.jpg")
    _write(content, folder / "frown_100.jpg")
    actor = DemoActor(folder)
    actor.open()
    actor.perform(next(one for one in EXPRESSIONS if one.id == "frown"))
    for tick in range(5):
        actor.frame_at(tick * 0.2)


def _questions(content: bytes, folder: Path) -> None:
    assert read_questions(_write(content, folder / "questions.txt"))


def _record(content: bytes, folder: Path) -> None:
    for left in folder.iterdir():
        left.unlink()
    with Store.open(_write(content, folder / "calmline.db"), ManualClock()) as store:
        assert not any(notice.code.value == "" for notice in store.notices)
        _look_at_everything(store)
        store.apply_retention()
        store.set_setting("theme", "dark")


def _look(content: bytes, folder: Path) -> None:
    path = _write(content, folder / "calmline.db")
    try:
        with Store.open(path, ManualClock(), read_only=True) as store:
            _look_at_everything(store)
    finally:
        assert path.read_bytes() == content


def _look_at_everything(store: Store) -> None:
    """What the screens and the exports read; each may find damage, and says so."""
    for look in (
        store.counsellor,
        store.consents,
        store.releases,
        store.exports,
        store.latest_calibration,
        store.calls,
        store.recent_peaks,
        store.integrity,
        store.strange_contents,
        lambda: store.day_summary(date(2026, 1, 5)),
        store.usual_level_peak,
        lambda: [(store.samples(number), store.notes(number)) for number in (1, 2, 3)],
    ):
        try:
            look()
        except StoreError as error:
            assert known_error_sentence(error)


def _foreign(content: bytes, folder: Path) -> None:
    """A file that was never ours stays what and where it is."""
    for left in folder.iterdir():
        left.unlink()
    path = _write(content, folder / "mine.txt")
    begins_like_one = content.startswith(b"SQLite format 3\0") or not content
    try:
        Store.open(path, ManualClock()).close()
    finally:
        assert begins_like_one or path.read_bytes() == content


def _lock(content: bytes, folder: Path) -> None:
    InstanceLock(_write(content, folder / "lock"))._holder()


def _key(content: bytes, folder: Path) -> None:
    assert read_authkey(_write(content, folder / "key"))


def _settings(content: bytes, folder: Path) -> None:
    text = content.decode("utf-8", "replace").replace("\0", "")
    with Store.open(folder / "calmline.db", ManualClock()) as store:
        for key in ("sample_days", "call_days", "level_profile", "theme", "wizard_step", "language"):
            store.set_setting(key, text)
        samples, calls = kept_days(store)
        assert samples > 0 < calls
        reading_settings(store)
        first_step(measured_consent=True, candidate_chosen=False, saved_step=store.setting("wizard_step", None))
        assert store.setting("language", "") not in language_names() or text in language_names()
        store.apply_retention(samples, calls)


def _training(content: bytes, folder: Path) -> None:
    _write(content, folder / "set.csv")
    _write(_zips(_pictures())[0], folder / "set.zip")
    read_set(folder, "set", "val")


def _noted(content: bytes, folder: Path) -> None:
    assert all(isinstance(line, str) for line in notes_in(_write(content, folder / "calmline.log")))


def _words(content: bytes, _: Path) -> None:
    text = content.decode("utf-8", "surrogateescape")
    shown = printable(text)
    assert all(letter.isprintable() or letter in "\t\n" or letter.isspace() or ord(letter) > 0x9F for letter in shown)
    shown.encode("utf-8")
    cell = spreadsheet_safe(text)
    assert isinstance(cell, str)
    assert cell.strip()[:1] not in tuple("=+-@＝＋－＠")
