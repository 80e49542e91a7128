"""`migrate` as the owner of the tables, ending with the grants of all roles and the ledger's triggers."""

from typing import Any

from django.core.management.commands.migrate import Command as DjangoMigrate

import identity.protection
import licensing.protection
from audit.protection import install_sqlite_triggers
from config.database_roles import grant_to_readers
from kernel.database import as_owner, grant_to_app, is_postgresql


class Command(DjangoMigrate):
    help = DjangoMigrate.help

    def handle(self, *args: Any, **options: Any) -> None:
        """Same as Django's; on PostgreSQL it swaps credentials first and grants in `finally`, on SQLite it reinstalls
        the ledger's triggers, which a table rebuild silently drops."""
        with as_owner():
            try:
                super().handle(*args, **options)
            finally:
                if is_postgresql():
                    grant_to_app()
                    grant_to_readers()
                else:
                    install_sqlite_triggers()
                    identity.protection.install_sqlite_triggers()
                    licensing.protection.install_sqlite_triggers()
