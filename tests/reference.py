"""`python3 -m tests.reference`: makes docs/commands.md again from the commands themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from app.cli.groups import translate
from app.cli.main import cli
from app.words.language import SOURCE_LANGUAGE, use_language

PAGE = Path(__file__).resolve().parent.parent / "docs" / "commands.md"

MANUAL = PAGE.with_name("calmline.1")

HEAD = """\
# Commands

`calmline` (in a checkout: `python3 -m app`) without a command opens the screens. This page and the manual page
`docs/calmline.1` are made by `python3 -m tests.reference` from what the commands say of themselves.

What a command prints is on standard output, what it says about it on standard error (with `--quiet`, written before the command,
only what is wrong or was left out). `--format` chooses the form, and `--json` is short for `--format json`. `-` stands for standard input
(`networks classify -`, `coach --questions -`) or standard output (`export --out -`, `export merge --out -`). `--no-color`, before the command, shows no colours.

## Completion

bash (4.4 or newer), in `~/.bashrc`; zsh, in `~/.zshrc`; fish, in a file of its own:

```
eval "$(_CALMLINE_COMPLETE=bash_source calmline)"
eval "$(_CALMLINE_COMPLETE=zsh_source calmline)"
_CALMLINE_COMPLETE=fish_source calmline > ~/.config/fish/completions/calmline.fish
```

## Environment variables

{variables}

## Exit codes

{codes}
"""

VARIABLES = {
    "CALMLINE_DB": "another file for the record",
    "CALMLINE_LANGUAGE": "`en` or `ko`",
    "CALMLINE_PASSPHRASE": "for scripts: the passphrase of an encrypted record",
    "CALMLINE_NEW_PASSPHRASE": "for scripts: the one that it is to have",
    "CALMLINE_DEBUG": "show a traceback instead of a sentence",
    "NO_COLOR": "no colours",
}
"""Every variable that a person may set, and what it does; tests/docs/test_commands.py holds it against the code."""

CODES = {
    0: "done",
    1: "refused or failed, with a sentence; `doctor`: something is not right",
    2: "not understood",
    3: "`call`: no call is running",
    4: "`call`: a call is running already",
    5: "`call`: Calmline is not running",
    130: "broken off by Ctrl+C; 128 and its number for any other signal",
}


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command that the help shows, with the names that lead to it, each group before what is in it."""
    context = click.Context(group, info_name=" ".join(("calmline", *path)))
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if command.hidden:
            continue
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


def help_of(command: click.Command, path: tuple[str, ...]) -> str:
    """A command's help, 80 wide."""
    context = click.Context(
        command,
        info_name=" ".join(("calmline", *path)),
        max_content_width=80,
        terminal_width=80,
        help_option_names=cli.context_settings["help_option_names"],  # every command inherits them
    )
    return command.get_help(context)


def reference() -> str:
    """The whole page."""
    use_language(SOURCE_LANGUAGE)
    translate(cli)
    variables = "| variable | meaning |\n|---|---|\n" + "\n".join(
        f"| `{name}` | {text} |" for name, text in VARIABLES.items()
    )
    codes = "| code | meaning |\n|---|---|\n" + "\n".join(f"| {code} | {text} |" for code, text in CODES.items())
    parts = [HEAD.format(variables=variables, codes=codes), f"```\n{help_of(cli, ())}\n```\n"]
    for path, command in commands(cli):
        title = "#" * min(len(path) + 1, 4) + " " + " ".join(path)
        parts.append(f"{title}\n\n```\n{help_of(command, path)}\n```\n")
    return "\n".join(parts)


def manual() -> str:
    """The same for man, as one page."""
    use_language(SOURCE_LANGUAGE)
    translate(cli)
    parts = [
        '.TH CALMLINE 1 "" "" "Calmline"',
        ".SH NAME\ncalmline \\- a calm companion beside the softphone",
        f".SH SYNOPSIS\n{_as_it_stands(help_of(cli, ()))}",
        ".SH COMMANDS",
    ]
    parts += [
        f".SS {_safe(' '.join(path))}\n{_as_it_stands(help_of(command, path))}" for path, command in commands(cli)
    ]
    for title, table in (("ENVIRONMENT", VARIABLES), ("EXIT STATUS", CODES)):
        parts += [f".SH {title}", *(f".TP\n{_safe(str(name))}\n{_safe(text)}" for name, text in table.items())]
    return "\n".join(parts) + "\n"


def _as_it_stands(text: str) -> str:
    return f".nf\n{_safe(text)}\n.fi"


def _safe(text: str) -> str:
    """Text that troff takes for text: no request at the beginning of a line, no escape, hyphens that can be copied."""
    plain = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "")
    plain = re.sub(r"[^\x00-\x7f]", lambda letter: f"\\[u{ord(letter[0]):04X}]", plain)
    return "\n".join(f"\\&{line}" if line.startswith((".", "'")) else line for line in plain.splitlines())


if __name__ == "__main__":
    PAGE.write_text(reference(), encoding="utf-8")
    MANUAL.write_text(manual(), encoding="utf-8")
