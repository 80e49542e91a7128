"""Pages in a real Chromium: content security, console, addresses asked for, and the walk through each journey."""
