"""The importer's file-facing half: bytes of a CSV or XLSX file in, frozen rows with findings out. No database.

sheets → mapping → inference → rows gives what `licensing.ports.ImportKind` plans and applies. Each step streams;
nothing here knows an organisation, a clock or a model.
"""
