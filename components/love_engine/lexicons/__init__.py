"""The lexicons of the Love Engine, TOML files by dimension; see `lexicon` for their form."""
