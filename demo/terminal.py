"""The output of the demo. Only a terminal gets colours and symbols."""

import os
import sys
import textwrap

PRETTY = sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
WIDTH = 100


def heading(text):
    write(f"\n{styled('1', text)}")
    write("─" * WIDTH if PRETTY else "-" * WIDTH)


def say(text):
    """Prints a paragraph. After the output of a command, the text should begin with a line break."""
    write("\n" * text.startswith("\n") + textwrap.fill(text.strip(), WIDTH))


def command(text):
    write(styled("36", f"\n$ {text}"))


def output(text):
    if text.strip():
        write(text.rstrip("\n"))


def done(text):
    write(styled("32", f"\n✓ {text}") if PRETTY else f"\nok: {text}")


def fail(text):
    write(styled("31", f"\n✗ {text}") if PRETTY else f"\nFAILED: {text}")


def styled(style, text):
    return f"\033[{style}m{text}\033[0m" if PRETTY else text


def write(text):
    print(text, flush=True)
