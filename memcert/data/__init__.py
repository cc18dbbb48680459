"""Data that ship with memcert."""
