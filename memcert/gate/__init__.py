"""The gate: every certificate of a repository, held against a policy."""
