"""The matching service: brings people and work together, and what is paid for it."""
