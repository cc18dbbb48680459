"""Networks made elsewhere: read, lowered exactly to the one network form."""
