"""Pages as tests read them: elements, their attributes and their text, by the standard library's parser."""

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "hr", "img", "input", "link", "wbr"}


@dataclass
class Element:
    """An element with its attributes, children and all text within."""

    tag: str
    attributes: dict[str, str]
    content: list["Element | str"] = field(default_factory=list)

    @property
    def children(self) -> list["Element"]:
        """The elements right within."""
        return [part for part in self.content if isinstance(part, Element)]

    @property
    def text(self) -> str:
        """All text within, spaces made single."""
        return " ".join(self.raw.split())

    @property
    def raw(self) -> str:
        """All text within, as it is."""
        return "".join(part if isinstance(part, str) else part.raw for part in self.content)

    def all(self, *tags: str) -> list["Element"]:
        """Return the elements within of one of these kinds; of all kinds, if none is named."""
        found = [self] if self.tag in tags or not tags else []
        return found + [inner for child in self.children for inner in child.all(*tags)]

    def one(self, identity: str) -> "Element":
        """Return the element of that id."""
        (found,) = [element for element in self.all() if element.attributes.get("id") == identity]
        return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("root", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), f"an attribute twice: {tag} {names}"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].content.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].content.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].content.append(data)


def parsed(page: str) -> Element:
    """Return the page's elements; whatever is opened must be closed, in order."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == [reader.root], [element.tag for element in reader.open]
    return reader.root


def twice(names: list[str]) -> list[str]:
    """Return the names that occur more than once."""
    return [name for name, count in Counter(names).items() if count > 1]
