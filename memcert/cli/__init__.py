"""The command line: one file a subcommand, one table from outcome to exit status."""
