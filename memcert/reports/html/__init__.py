"""`memcert report`: one HTML file that holds everything it shows, and asks nobody for anything.

UNTRUSTED. It repeats what was checked and proved; nothing is decided here.
"""
