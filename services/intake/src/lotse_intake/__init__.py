"""Intake: how people come in and go out, who they are, and what the operation is granted."""
