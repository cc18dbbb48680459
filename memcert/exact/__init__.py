"""Numbers for everybody but the kernel, and the fast exact engine."""
