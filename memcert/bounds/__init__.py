"""How far from optimal: lower bounds beside a network's sizes, and the sizes that its theorem promises."""
