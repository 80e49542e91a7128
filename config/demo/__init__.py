"""The demo: a year of history of a buyer and a vendor, made by the same operations as everything else."""
