"""Untrusted text made harmless for whoever reads it: terminal, XML, HTML, Markdown, workflow commands, SARIF.

UNTRUSTED. One function a reader; names of files, of columns and in certificates go through them.
"""

import html
import re
from urllib.parse import quote

from memcert.reports.words import printable

_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]{0,200}", re.ASCII)
_COMMAND = re.compile(r"::|##\[")
_PLAIN = re.compile(r"[A-Za-z0-9 /,()]", re.ASCII)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def line(text: str) -> str:
    """Return one line for a terminal or a log: nothing moves the cursor, no runner takes it for a command.

    Control characters, line feeds and direction marks are spelled as escapes; so is one character of
    `::` and `##[`, which start workflow commands wherever a line may be broken. Raises: never.
    """
    one = printable(text).replace("\n", "\\n")
    return _COMMAND.sub(lambda found: found[0][:-1] + ascii_of(found[0][-1]), one)


def path(name: str) -> str:
    """Return a file's name for a terminal: as it is if plain, else quoted and escaped. Raises: never."""
    return name if _PATH.fullmatch(name) else line(ascii(name))


def ascii_of(character: str) -> str:
    """Return the escape that Python spells a character with. Raises: never."""
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def xml(text: str) -> str:
    """Return text that XML 1.0 can hold; what it cannot is spelled as an escape. Raises: never.

    Brackets and quotes are left to the writer of XML.
    """
    return _NOT_XML.sub(lambda found: ascii_of(found[0]), text)


def markup(text: str) -> str:
    """Return text for HTML, within an element or a quoted attribute. Raises: never."""
    return html.escape(xml(printable(text)), quote=True)


def markdown(text: str) -> str:
    """Return text that Markdown shows as it is, on one line, in a table too. Raises: never.

    All but letters, digits and a few signs become character references, which start no markup.
    """
    one = printable(text).replace("\n", "\\n")
    return "".join(c if _PLAIN.fullmatch(c) else f"&#{ord(c)};" for c in one)


def command_message(text: str) -> str:
    """Return the message of a workflow command. Raises: never."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def command_value(text: str) -> str:
    """Return the value of a property of a workflow command. Raises: never."""
    return command_message(text).replace(":", "%3A").replace(",", "%2C")


def sarif(text: str) -> str:
    """Return a message for SARIF: its brackets start no link, its braces no placeholder. Raises: never."""
    plain = xml(printable(text)).replace("\\", "\\\\")
    return re.sub(r"[\[\]]", r"\\\g<0>", plain).replace("{", "{{").replace("}", "}}")


def uri(name: str) -> str:
    """Return a relative path as a relative URI reference. Raises: never."""
    try:
        content = name.encode("utf-8", "surrogateescape")  # the bytes that the system has
    except UnicodeEncodeError:
        content = name.encode("utf-8", "surrogatepass")
    reference = quote(content, safe="/")
    # A first segment with a colon would read as a scheme; `quote` has escaped it already.
    return reference or "."
