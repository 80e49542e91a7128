"""How each language writes dates, times and numbers: one package a language, read by Django (FORMAT_MODULE_PATH)."""
