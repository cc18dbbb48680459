"""A preprocessing formula as steps of a program, each rounded as it is printed.

UNTRUSTED.
"""

from memcert.interop.preprocessing import Affine, Column, postfix, spread_over
from memcert.kernel.certificate import Number
from memcert.semantics.program import Add, Constant, Divide, Held, Instruction, Multiply, Negate, Program


def preprocessed(program: Program, row: Held, formula: Affine) -> Held:
    """Append the steps of a formula; constants among themselves are computed as it prints them, too.

    Args:
        program: what grows.
        row: the data's.
        formula: as the user spelled it.

    Raises:
        UsageError: a list fits neither the coordinates nor the channels.
    """
    stack: list[int] = []
    for part in postfix(formula.text):
        if part == "x":
            stack.append(row.value)
        elif isinstance(part, tuple):
            stack.append(program.add(Constant(_numbers(part, row)), row.size, "preprocessing"))
        elif part == "neg":
            stack.append(program.add(Negate(stack.pop()), row.size, "preprocessing"))
        else:
            right, left = stack.pop(), stack.pop()
            if part == "*" and not program.varying()[left]:
                left, right = right, left
            steps: dict[str, Instruction] = {
                "+": Add(left, right, 1),
                "-": Add(left, right, -1),
                "*": Multiply(left, right),
                "/": Divide(left, right),
            }
            stack.append(program.add(steps[str(part)], row.size, "preprocessing"))
    return Held(stack[0], row.shape)


def _numbers(column: Column, row: Held) -> tuple[Number, ...]:
    return tuple(spread_over(column, row.shape[1:]))
