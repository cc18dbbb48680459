"""Results of proofs, made by hand."""

from fractions import Fraction

from memcert.proofs.result import ProofResult, UnusedCase

DATA, NETWORK = "sha256:" + "d" * 64, "sha256:" + "e" * 64

PROVED = ProofResult(
    verdict="proved",
    rule="within",
    tolerance=Fraction(1, 2),
    samples=3,
    excepted=0,
    classes=None,
    dataset_digest=DATA,
    network_digest=NETWORK,
    blocks=1234,
    contracts=6,
    obligations=15,
    concrete_blocks=0,
    unused=(UnusedCase("gate", "left", None),),
    box_radius=Fraction(1, 858),
    radii=(Fraction(1, 8), Fraction(1, 858), "unbounded"),
    open_radii=(1,),
    regions=False,
    solver="z3",
    solver_version="5.4.0",
    assumptions=("z3 is right",),
    not_examined=("sizes", "margin"),
    refutation=None,
    open=(),
    seconds=0.25,
)
