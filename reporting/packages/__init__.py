"""The audit package: one signed ZIP that an auditor can check without this software.

The way through, each step reading only what the one before left:

1. gather (a database transaction, elsewhere) fills `snapshot.Snapshot`; `encoding.to_bytes` stores it;
2. `child.render_report` runs `python -m reporting.packages.render SNAPSHOT.json OUT.pdf` in a process of its own;
3. `archive.build` writes the ZIP: report, CSV evidence, ledger, checkpoint, signed manifest, verifier and README.

Steps 2 and 3 read no database, no clock and no network: the same snapshot gives the same bytes.
"""
