"""Data sets: read exactly from every format that memcert knows, held in memory or laid aside on disk."""
