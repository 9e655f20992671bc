"""Fixtures that several folders of tests share."""

pytest_plugins = ("plumbing_fixtures",)
