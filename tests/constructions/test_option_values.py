import pytest

from memcert.constructions.option_values import converted, resolved
from memcert.constructions.registry import Option, OptionValue, construction
from memcert.errors import UsageError

SIZING = Option("sizing", "choice", "balanced", "help", ("balanced", "literal"))
COUNT = Option("count", "integer", 3, "help", minimum=1)
FAST = Option("fast", "flag", False, "help")
WIDTH = Option("width", "rational", None, "help")
NAME = Option("name", "text", "a", "help")


@pytest.mark.parametrize(
    ("option", "given", "value"),
    [
        (SIZING, "literal", "literal"),
        (COUNT, "12", 12),
        (COUNT, 12, 12),
        (FAST, "true", True),
        (FAST, False, False),
        (WIDTH, "1/3", "1/3"),
        (WIDTH, "0.25", "0.25"),
        (WIDTH, 3, "3"),
        (WIDTH, None, None),
        (NAME, "b c", "b c"),
    ],
)
def test_text_and_values_are_converted_to_the_options_kind(
    option: Option, given: OptionValue, value: OptionValue
) -> None:
    assert converted(option, given) == value
    assert type(converted(option, given)) is type(value)


@pytest.mark.parametrize(
    ("option", "given", "message"),
    [
        (SIZING, "best", "sizing: expected one of balanced, literal, got 'best'"),
        (SIZING, 3, "sizing: expected text, got 3"),
        (COUNT, "0", "count: expected an integer of at least 1, got 0"),
        (COUNT, "1.5", "an integer of at least 1, got '1.5'"),
        (COUNT, "007", "an integer of at least 1, got '007'"),
        (COUNT, True, "an integer of at least 1"),
        (COUNT, None, "an integer of at least 1"),
        (COUNT, "9" * 5000, "an integer of at least 1"),
        (FAST, "yes", "fast: expected true or false, got 'yes'"),
        (WIDTH, "1/0", "a number such as 3, 0.25 or 1/3, got '1/0'"),
        (WIDTH, "1e9", "a number such as"),
        (WIDTH, True, "width: expected text"),
    ],
)
def test_a_value_that_an_option_does_not_take_is_refused_with_what_it_takes(
    option: Option, given: OptionValue, message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        converted(option, given)
    assert message in str(caught.value)


def test_defaults_fill_what_is_not_given() -> None:
    made_by = construction("vardi-yehudai-shamir")
    given = resolved(made_by, {"sizing": "literal"})
    assert (given["sizing"], given["directions"], given["depth"]) == ("literal", 256, None)
    assert set(given) == {option.name for option in made_by.options}


def test_an_unknown_option_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"no option 'slots'; its options: bits, depth, "):
        resolved(construction("vardi-yehudai-shamir"), {"slots": 3})


def test_an_unknown_construction_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"no construction 'vardi'; there are: .*vardi-yehudai-shamir"):
        construction("vardi")
