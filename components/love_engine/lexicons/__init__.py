"""The lexicons of the Love Engine, one TOML file a dimension; see `lexicon` for their form."""
