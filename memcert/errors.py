"""Errors of everything but the kernel: memcert was misused, or could not do what was asked."""


class MemcertError(Exception):
    """Root of memcert's own errors outside the kernel; `status` is the exit status."""

    status = 70


class UsageError(MemcertError):
    """An option out of range, or a path that cannot be opened (exit status 2)."""

    status = 2


class DatasetError(MemcertError):
    """A data file is malformed or contradicts itself (exit status 3)."""

    status = 3


class UnsupportedError(MemcertError):
    """Something that memcert does not do, or an extra that is not installed (exit status 5)."""

    status = 5


class BuildError(UnsupportedError):
    """A construction refuses these data or options (exit status 5)."""


class NoNetworkError(MemcertError):
    """The data have no network of the class asked for (exit status 1)."""

    status = 1


class UndecidedError(MemcertError):
    """A limit was reached (exit status 6)."""

    status = 6
