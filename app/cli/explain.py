"""`calmline networks explain`: where a network looked in pictures that the user hands over."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import click

from app.cli.context import Setup
from app.cli.options import FOLDER, PATH, cropped_option
from app.words.language import N_, _
from app.words.spoken import SentenceError
from core.method.emotion import Emotion


@click.command()
@click.argument("picture", nargs=-1, required=True, type=PATH)
@click.option("--candidate", help=N_("The network to ask; without it, the first."))
@click.option(
    "--emotion", type=click.Choice([one.value for one in Emotion]), help=N_("Explain this emotion, not the one read.")
)
@cropped_option
@click.option("--out", required=True, type=FOLDER, help=N_("Folder for the drawings."))
@click.pass_obj
def explain(
    setup: Setup, picture: tuple[Path, ...], candidate: str | None, emotion: str | None, cropped: bool, out: Path
) -> None:
    """Draw where a network looked in your own pictures. For each face: the cut face, the heat over it, and what was
    read. Only files that you name are drawn; nothing else is kept.

    Example: calmline networks explain me.jpg --out looked/
    """
    from app.words.errors import error_text
    from app.words.explanation import method_name, region_name
    from app.words.sentences import gap_reason, outcome_name
    from core.candidates.classify import face_crop
    from core.explain.overlay import draw_explanation, write_png
    from core.explain.regions import Region, region_shares
    from core.explain.saliency import Explainer, SaliencyMethod
    from core.face.checked import CheckedFaceFinder
    from core.method.emotion import GapReason
    from core.sources.pictures import iter_pictures

    network = setup.networks((candidate,) if candidate else ())[0]
    explainer, finder = Explainer(network), None if cropped else CheckedFaceFinder()
    wanted = Emotion(emotion) if emotion else None
    try:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SentenceError(
            _("{folder} cannot be made: {reason}.").format(folder=out, reason=error.strerror)
        ) from error
    drawn = 0
    for place in picture:
        for one in iter_pictures(place):
            if one.problem is not None:
                click.echo(f"{one.name}: {error_text(one.problem)}", err=True)
            if one.pixels is None:
                continue
            crop = face_crop(one.pixels, finder)
            if isinstance(crop, GapReason):
                click.echo(f"{one.name}: {gap_reason(crop)}", err=True)
                continue
            explanation = explainer.explain(crop, wanted)
            drawn += 1
            target = _free_name(out, Path(one.name).stem, drawn)
            write_png(draw_explanation(crop, explanation), target)
            shares = region_shares(explanation.saliency)
            looked = ", ".join(f"{region_name(region)} {shares[region]:.0%}" for region in Region)
            how = method_name(explanation.method)
            if explanation.method is SaliencyMethod.OCCLUSION:
                how = _("{method}, since its map is too coarse").format(method=how)
            click.echo(f"{target}: {outcome_name(explanation.emotion)}; {looked} ({how})")
    if not drawn:
        raise SentenceError(_("No face was found in these pictures, so nothing was drawn."))


def _free_name(folder: Path, stem: str, number: int) -> Path:
    """STEM-NUMBER.png, or the next number that is free: the folder may hold pictures of one's own with such names."""
    names = (folder / f"{stem}-{place}.png" for place in count(number))
    return next(name for name in names if not name.exists())
