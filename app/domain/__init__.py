"""Nouns of the one-stop counter: dossier, component, page, code, person, procedure. Standard library only."""
