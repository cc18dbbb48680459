"""Kinds of JSON values that the schemas of certificates and results share, numbers above all."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema
from typing_extensions import TypeAliasType

LARGEST = 2**53 - 1
"""The largest integer that is spelled as a JSON integer."""
MAX_CHARACTERS = 1 << 21
"""The longest spelling of a number that the kernel reads."""

_ODD = r"([1-9a-f][0-9a-f]*)?[13579bdf]"
# A plain hexadecimal integer is odd (even ones have a power) and at least 2^53.
_LONG = r"([2-9a-f][0-9a-f]{12}|[1-9a-f][0-9a-f]{13,})[13579bdf]"
_DECIMAL = r"[1-9][0-9]{0,15}/([2-9]|[1-9][0-9]{1,15})"
_HEXADECIMAL = rf"0x({_LONG}|{_ODD}p[+-][1-9][0-9]{{0,6}}|[1-9a-f][0-9a-f]*/0x[1-9a-f][0-9a-f]*)"
POSITIVE_SPELLING = rf"^({_DECIMAL}|{_HEXADECIMAL})$"
"""Positive numbers that are no JSON integers. Lowest terms are more than a pattern can see."""
SPELLING = rf"^-?({_DECIMAL}|{_HEXADECIMAL})$"
"""The same with an optional sign."""

_Text = Annotated[str, Field(pattern=SPELLING, max_length=MAX_CHARACTERS)]
_PositiveText = Annotated[str, Field(pattern=POSITIVE_SPELLING, max_length=MAX_CHARACTERS)]

Natural = TypeAliasType("Natural", Annotated[int, Field(ge=0, le=LARGEST)])
"""An integer from 0 to 2^53 - 1."""
Number = TypeAliasType("Number", Annotated[int, Field(ge=-LARGEST, le=LARGEST)] | _Text)
"""An exact rational in its one spelling."""
NonNegative = TypeAliasType("NonNegative", Annotated[int, Field(ge=0, le=LARGEST)] | _PositiveText)
"""A number >= 0."""
Positive = TypeAliasType("Positive", Annotated[int, Field(ge=1, le=LARGEST)] | _PositiveText)
"""A number > 0."""
NonZero = TypeAliasType(
    "NonZero",
    Annotated[int, Field(ge=1, le=LARGEST)] | Annotated[int, Field(ge=-LARGEST, le=-1)] | _Text,
)
"""A number other than 0."""
SmallInteger = TypeAliasType("SmallInteger", Annotated[int, Field(ge=-LARGEST, le=LARGEST)])
"""An integer below 2^53 in absolute value."""
Digest = TypeAliasType("Digest", Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")])
"""A SHA-256, in lowercase hexadecimal."""


class _Variadic:
    """The JSON array [number, string, string, ...], which annotations alone cannot say."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return a tuple whose second item may occur any number of times. Raises: never."""
        items = [handler.generate_schema(Number), core_schema.str_schema(strict=True)]
        return core_schema.tuple_schema(items, variadic_item_index=1, strict=True)


Monomial = TypeAliasType("Monomial", Annotated[tuple[Any, ...], _Variadic])
"""A coefficient, then names: the product of them all."""


class Record(BaseModel):
    """An object: unknown and missing keys are refused, nothing is coerced."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)
