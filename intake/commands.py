"""All of `flask intake …`: its parts add themselves to the one group when they are imported."""

from intake import cli_care, cli_exports, cli_keys, cli_running
from intake.cli import intake_cli

__all__ = ["cli_care", "cli_exports", "cli_keys", "cli_running", "intake_cli"]
