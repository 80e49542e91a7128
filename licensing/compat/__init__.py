"""A face for clients that were written against the Keygen API: other words for the same operations.

Nothing is decided or stored here. `documents` writes JSON:API, `files` the offline files, `signatures` the signed
headers, `callers` reads who asks, `answering` runs a handler, `licenses` and `machines` are the handlers, and `urls`
the addresses. docs/keygen-compatibility.md says what is there and what is not.
"""
