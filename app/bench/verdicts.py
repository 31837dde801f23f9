"""What a run's figures are held against: the limits that Calmline sets itself, and a table to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.method.level import READINGS_PER_SECOND

Report = Mapping[str, Any]

LIGHTEST_AT_MOST, BY_DEFAULT_AT_MOST, HEAVIEST_AT_MOST = 6, 12, 20
"""Per cent of a core for a call read by the lightest network, by those that are read together, and by the heaviest."""

BESIDE_DECODING_AT_MOST = 1.8
"""A call with the lightest network, beside what decoding all of a webcam's frames as they come takes on the same computer."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A figure with its limit: `value` may be at most `at_most`, or must be at least `at_least`."""

    name: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def holds(self) -> bool:
        """Whether it is kept."""
        return (self.at_most is None or self.value <= self.at_most) and (
            self.at_least is None or self.value >= self.at_least
        )

    def line(self) -> str:
        """For example "ok  processor in a call  6.2 %  (at most 10 %)"."""
        bound = f"at most {self.at_most:g}" if self.at_most is not None else f"at least {self.at_least:g}"
        return f"{'ok' if self.holds else '!!'}  {self.name:<52} {self.value:>9.2f} {self.unit:<3} ({bound})"


def limits(report: Report) -> Iterator[Limit]:
    """Every limit that this report has a figure for."""
    for number, compared in enumerate(report.get("thesis", ())):
        wanted = 10.0 if number == 0 else 5.0
        yield Limit(
            f"frame to emotion beside the thesis, {compared['candidate']}",
            compared["times_faster"],
            "x",
            at_least=wanted,
        )
    for number, call in enumerate(report.get("calls", ())):
        name = call["candidate"]
        if call["busy_cores"]:
            yield Limit(f"ticks missed on busy cores, {name}", call["ticks_missed"], "", at_most=0)
            continue
        most = LIGHTEST_AT_MOST if number == 0 else BY_DEFAULT_AT_MOST if "+" in name else HEAVIEST_AT_MOST
        yield Limit(f"processor in a call, {name}", call["call"] * 100, "%", at_most=most)
        if number == 0 and report.get("decoding"):
            beside = call["call"] / report["decoding"]
            yield Limit("a call beside decoding every frame", beside, "x", at_most=BESIDE_DECODING_AT_MOST)
        yield Limit(f"processor between calls, {name}", call["idle"] * 100, "%", at_most=1)
        if call["resident_mb"] is not None:
            yield Limit(f"memory in a call, {name}", call["resident_mb"], "MB", at_most=250)
    if "starts" in report:
        starts = report["starts"]
        yield Limit(
            "--help, beside 3 x Python plus click", starts["help"]["median_ms"], "ms", at_most=starts["help_limit_ms"]
        )
        yield Limit("a softphone's command", starts["phone"]["median_ms"], "ms", at_most=150)
        if starts["first_paint_ratio"] is not None:
            yield Limit("first paint beside bare Textual", starts["first_paint_ratio"], "x", at_most=2.5)
    for graded in report.get("grading", ()):
        name = f"last face to verdict, {graded['candidates']} candidates"
        yield Limit(name, graded["verdict_after_last_s"], "s", at_most=1)
    if "soak" in report and report["soak"]["growth"] is not None:
        yield Limit("memory after the last call over the first", report["soak"]["growth"] * 100, "%", at_most=5)


def table(report: Report) -> str:
    """The figures as text: stages, candidates, and every limit."""
    lines = [_host(report["host"])]
    if "stages" in report:
        lines += ["", f"{'stage':<34}{'median ms':>11}{'5 %':>9}{'95 %':>9}", *_stages(report)]
        lines += ["", f"{'candidate':<34}{'MB':>11}{'load ms':>9}{'batch':>9}", *_candidates(report), *_rest(report)]
    lines += ["", *(limit.line() for limit in limits(report))]
    return "\n".join(lines)


def _host(host: Mapping[str, Any]) -> str:
    return (
        f"{host['processor']}, {host['cores']} cores, {host['system']}, Python {host['python']}, commit "
        f"{host['commit'] or '-'}, {host['measured_at']}, load before {host['busy_before']}"
    )


def _timing(name: str, timing: Mapping[str, Any]) -> str:
    return f"{name:<34}{timing['median_ms']:>11.2f}{timing['low_ms']:>9.2f}{timing['high_ms']:>9.2f}"


def _stages(report: Report) -> Iterator[str]:
    for name, timing in report["stages"].items():
        yield _timing(name, timing)
    for cost in report["candidates"]:
        yield _timing(f"infer {cost['id']}", cost["infer"])
    yield _timing("store", report["record"]["store"])
    for call in report["calls"]:
        if not call["busy_cores"]:
            yield f"{'draw, mean a reading':<34}{call['drawing'] * 1000 / READINGS_PER_SECOND:>11.2f}"
            break
    for cost in report["candidates"]:
        yield _timing(f"frame to emotion {cost['id']}", cost["frame_to_emotion"])
    for call in report["calls"]:
        busy = " busy" if call["busy_cores"] else ""
        yield _timing(f"to the screen {call['candidate']}{busy}"[:34], call["frame_to_level"])
    for compared in report["thesis"]:
        yield _timing(f"thesis's way {compared['candidate']}"[:34], compared["thesis"])


def _candidates(report: Report) -> Iterator[str]:
    for cost in report["candidates"]:
        made_up = "  (made up: random weights)" if cost["id"] == report["made_up"] else ""
        yield f"{cost['id']:<34}{cost['megabytes']:>11.1f}{cost['load_ms']:>9.1f}{cost['infer_in_batch_ms']:>9.2f}{made_up}"


def _rest(report: Report) -> Iterator[str]:
    yield ""
    for graded in report["grading"]:
        yield f"{graded['faces']} faces graded by {graded['candidates']} candidates: {graded['all_at_once_s']} s"
    if report.get("decoding"):
        yield f"decoding every frame of a webcam takes {report['decoding']:.1%} of a core"
    yield f"an hour in calls takes {report['record']['bytes_per_hour'] / 1000:.0f} kB in the record"
