"""Networks as parts: neurons are added to layers by name, blocks remember their contract."""
