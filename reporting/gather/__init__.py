"""From the books to one snapshot: each module reads the rows of one section, all in one read-only transaction.

`whole.gather` opens the transaction; the functions of the sections get a `frame.Frame`, issue a fixed number of queries
whatever the number of rows, and return rows of reporting.packages.snapshot. What a number is, reporting.rules decides.
"""
