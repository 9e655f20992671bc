"""The coaching service: stands by people before, during and after the start of work."""
