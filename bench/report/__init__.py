"""A run as text: a table for the terminal, a page, CSV and JSON."""

from bench.report.csv import csv
from bench.report.page import page
from bench.report.saving import read, save
from bench.report.table import table

__all__ = ["csv", "page", "read", "save", "table"]
