"""The experiments of the papers, run again with exact numbers."""
