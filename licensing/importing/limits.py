"""How much one upload may hold. Larger books are split; the refusal says so."""

FILE_BYTES = 25 * 1024 * 1024
CELL_CHARACTERS = 32 * 1024
COLUMNS = 200
ROWS = 200_000

# Physical rows of a worksheet, empty ones included: what a spreadsheet program can hold at all. Without it a file
# that numbers its only row 10^12 would be counted up to for ever.
WORKSHEET_ROWS = 1_048_576

# What an XLSX file may unpack to. Worksheets stream; shared strings rest in memory; all other parts are small.
ARCHIVE_PARTS = 2_000
ARCHIVE_BYTES = 300 * 1024 * 1024
SHARED_STRINGS_BYTES = 48 * 1024 * 1024
SMALL_PART_BYTES = 8 * 1024 * 1024
