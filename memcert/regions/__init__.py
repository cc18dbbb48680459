"""Around each row: the activation region with its largest box, and boxes on which the label is proved.

Floats guess here, and say rigorously what is certain; what is reported is evaluated exactly.
"""
