"""An outline of any network whatever: one `neuron` or `linear` block for each neuron.

UNTRUSTED. A proof with this outline executes regions: sample by sample, every neuron must be on
or off on the whole box. A construction's own outline says more, and should.
"""

from memcert.contracts.mechanisms import linear, neuron
from memcert.kernel.certificate import Block, Contract
from memcert.kernel.network import Network


def neuron_outline(network: Network) -> tuple[tuple[Contract, ...], tuple[Block, ...]]:
    """Return (contracts, blocks) with a block for each neuron, in the order of the layers.

    Cost: linear in the number of neurons. Raises: never.
    """
    contracts = [neuron()] if any(layer.relu for layer in network.layers) else []
    if not all(layer.relu for layer in network.layers):
        contracts.append(linear())
    blocks = [
        Block(
            name=f"n{depth}_{i}",
            stage="neurons",
            first_layer=depth,
            last_layer=depth,
            contract="neuron" if layer.relu else "linear",
            neurons=((i,),),
            hints={},
        )
        for depth, layer in enumerate(network.layers)
        for i in range(layer.shape[0])
    ]
    return tuple(contracts), tuple(blocks)


def region_execution(contracts: tuple[Contract, ...]) -> bool:
    """Whether no contract joins two neurons of a layer: such a proof executes regions.

    Raises: never.
    """
    return all(len(layer.neurons) == 1 for contract in contracts for layer in contract.layers)
