"""What is asked of models made elsewhere: one way to the answers, for the command line and for Python."""
