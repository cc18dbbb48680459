"""Yu, Gao, Zhang and Miao 2024: memorization and its generalizability, on two labels.

Glossary of the paper's letters: N points in n dimensions (here d), opposite labels at distance at
least c; t(i) ends block i; v_i is the number that holds the fields of block i, each of w digits
(here bits). Only the points of one label are stored; whatever matches none of them has the other.
UNTRUSTED.
"""

from memcert.constructions.registry import Construction, Option, deferred, deferred_bounds

SOURCE = "Yu, Gao, Zhang, Miao: Generalizability of Memorization Neural Networks (2024)"
TWO_LABELS = "more than two labels"


def _construction(
    name: str,
    statement: str,
    module: str,
    *,
    choose: str,
    options: tuple[Option, ...],
    refuses: tuple[str, ...],
    rules: tuple[str, ...] = ("sign",),
) -> Construction:
    """Register `build`, `predict` and the promises of a module of this folder."""
    build, predict = deferred(f"{__name__}.{module}")
    bounds = deferred_bounds(f"{__name__}.promises", module)
    return Construction(
        name, statement, SOURCE, rules, options, build, predict, refuses, bounds=bounds, choose=choose
    )


def _store(default: str) -> Option:
    return Option(
        name="store",
        kind="choice",
        default=default,
        help="The label whose points are stored; on a tie the positive one.",
        choices=("minority", "majority", "positive", "negative"),
    )


DIRECTIONS = Option(
    name="directions",
    kind="integer",
    default=256,
    help="Random directions tried; 0: the deterministic one.",
    minimum=0,
)

SHARE = Option(
    name="share",
    kind="rational",
    default="1/100",
    help="Largest share of the samples' range in which the sign may be the stored label's.",
)

CONSTRUCTIONS: tuple[Construction, ...] = (
    _construction(
        name="separable",
        statement="Lemma G.4",
        module="separable",
        choose="two labels that a hyperplane separates: one neuron; else evidence that none does",
        options=(),
        refuses=(TWO_LABELS,),
    ),
    _construction(
        name="interval",
        statement="Lemma G.5",
        module="interval",
        choose="two labels on the line that an interval separates; else evidence that none does",
        options=(),
        refuses=(TWO_LABELS, "points of more than one coordinate"),
    ),
    _construction(
        name="nae-sat",
        statement="Theorem 6.5(2)",
        module="nae_sat",
        choose="to see why the smallest network is hard to find",
        options=(
            Option(
                name="assignment",
                kind="text",
                default=None,
                help="Literals such as '1 -2 3 ..', each variable once; left out: z3 looks for one.",
            ),
            Option(
                name="timeout",
                kind="integer",
                default=60,
                help="Seconds that z3 may look for an assignment.",
                minimum=1,
            ),
        ),
        refuses=(
            "clauses that are not of six different variables, or fewer than six variables",
            "data that are not the reduction of a formula, as a DIMACS file is read: names a row",
        ),
    ),
    _construction(
        name="yu-gao-zhang-miao-width6",
        statement="Theorem 4.1",
        module="width6",
        choose="two labels at width 6",
        options=(_store("minority"), DIRECTIONS),
        refuses=(TWO_LABELS,),
    ),
    _construction(
        name="yu-gao-zhang-miao-cover",
        statement="Theorem 4.3",
        module="cover",
        choose="classes far apart: the size follows their cover, not N",
        options=(),
        refuses=("the rule argmax with a single class, which has no second output to compare",),
        rules=("equal", "sign", "argmax", "within"),
    ),
    _construction(
        name="yu-gao-zhang-miao-cells",
        statement="Theorem 7.3",
        module="cells",
        choose="two labels, and what lies near a sample is to get its label; N^2 parameters",
        options=(),
        refuses=(TWO_LABELS, "so many rows that the first layer of 2 N+ N- neurons is too large to write"),
    ),
    _construction(
        name="yu-gao-zhang-miao-misleading",
        statement="Theorem 5.3",
        module="misleading",
        choose="to see a network that memorizes and is wrong almost everywhere else",
        options=(_store("majority"), SHARE, DIRECTIONS),
        refuses=(TWO_LABELS, "a single label: it needs two"),
    ),
)
