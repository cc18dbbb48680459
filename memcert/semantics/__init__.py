"""What floats make of a network: float32 and float64 in one order, and every order at once."""
