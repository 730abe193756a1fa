"""Reports: read from a home, and written as Markdown, HTML, JSON or the console's lines."""
