"""matplotlib's SVG made small and safe to put into a page: no namespaces, no styles, ids of its own.

UNTRUSTED. Colours of the palette become classes; whatever CSS was inline becomes attributes, so that a
page may forbid inline styles.
"""

import re
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree as Tree

from memcert.reports.figures.palette import named

NAMESPACE = "http://www.w3.org/2000/svg"
DROPPED = {"metadata", "style", "title"}
_LONG = re.compile(r"-?[0-9]+\.[0-9]+(?:e-[0-9]+)?")
_SPACE = re.compile(r"\s+")
_REFERENCE = re.compile(r"#([A-Za-z0-9_]+)")
_UNTURNED = re.compile(r"rotate\(-?0[ )]")
REFERRING = ("href", "clip-path")


def cleaned(source: bytes, prefix: str) -> Tree.Element:
    """Return the drawing without all that a page needs not.

    Args:
        source: what matplotlib wrote; nothing else is given here.
        prefix: what its ids start with, unlike those of other drawings of the page.

    Raises:
        ParseError: it is no XML.
    """
    root = Tree.fromstring(source)  # noqa: S314 - our own drawing, not a file that somebody gave
    _bared(root)
    _pruned(root)
    names = {old: f"{prefix}-{k}" for k, old in enumerate(dict.fromkeys(_references(root)))}
    for element in root.iter():
        _restyled(element)
        _renamed(element, names)
    for element in root.iter():
        _hoisted(element)
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    # What matplotlib says once for everything.
    root.attrib |= {"stroke-linejoin": "round", "stroke-linecap": "butt"}
    return root


def serialized(root: Tree.Element) -> str:
    """Return the text of the drawing. Raises: never."""
    return Tree.tostring(root, encoding="unicode")


def _bared(root: Tree.Element) -> None:
    for element in root.iter():
        element.tag = _local(element.tag)
        element.attrib = {_local(key): value for key, value in element.attrib.items()}
        element.tail = None
        if element.tag != "text":
            element.text = None


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _pruned(parent: Tree.Element) -> None:
    for child in list(parent):
        _pruned(child)
        empty = child.tag in ("g", "defs") and not len(child)
        if child.tag in DROPPED or empty:
            parent.remove(child)


def _references(root: Tree.Element) -> Iterator[str]:
    for element in root.iter():
        for key in REFERRING:
            yield from _REFERENCE.findall(element.get(key, ""))


def _renamed(element: Tree.Element, names: Mapping[str, str]) -> None:
    own = element.attrib.pop("id", "")
    if own in names:
        element.set("id", names[own])
    for key in REFERRING:
        if key in element.attrib:
            element.set(key, _REFERENCE.sub(lambda found: f"#{names[found[1]]}", element.attrib[key]))


def _restyled(element: Tree.Element) -> None:
    declarations = element.attrib.pop("style", "")
    classes = []
    for declaration in filter(None, declarations.split(";")):
        key, _, value = (part.strip() for part in declaration.partition(":"))
        if key == "font-family":
            continue
        name = named(value) if key in ("fill", "stroke") else None
        if name is not None:
            classes.append(f"{key[0]}-{name}")
        element.set(key, value.removesuffix("px"))
    if classes:
        element.set("class", " ".join(classes))
    if _UNTURNED.match(element.get("transform", "")):
        del element.attrib["transform"]
    for key in ("d", "x", "y", "width", "height", "transform"):
        if key in element.attrib:
            shorter = _LONG.sub(lambda found: _short(found[0]), element.attrib[key])
            element.set(key, _SPACE.sub(" ", shorter).strip())


def _short(number: str) -> str:
    # A hundredth of a unit is less than a pixel on any screen.
    return f"{float(number):.2f}".rstrip("0").rstrip(".").replace("-0.", "-.") or "0"


def _hoisted(group: Tree.Element) -> None:
    """Move what all marks of a group have in common to the group."""
    marks = list(group)
    if group.tag != "g" or len(marks) < 2 or {mark.tag for mark in marks} != {"use"}:
        return
    looks = [{k: v for k, v in mark.attrib.items() if k not in ("x", "y", "href")} for mark in marks]
    if all(look == looks[0] for look in looks) and not set(looks[0]) & set(group.attrib):
        group.attrib |= looks[0]
        for mark in marks:
            for key in looks[0]:
                del mark.attrib[key]
