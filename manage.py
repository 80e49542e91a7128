#!/usr/bin/env python
"""Seatledger's command line."""

import os
import sys

from django.core.management import execute_from_command_line

from kernel.errors import Misconfigured, Refusal

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        execute_from_command_line(sys.argv)
    except Misconfigured as error:
        sys.exit(f"Seatledger cannot start: {error}")
    except Refusal as refusal:
        sys.exit(f"{refusal.code}: {refusal.message}")
