"""What the four agents do: their ordinary work and their bad ideas, as tasks to plan with."""

from app.demo.crafts.analyst import ANALYST
from app.demo.crafts.builder import BUILDER, repertoire
from app.demo.crafts.fetcher import FETCHER
from app.demo.crafts.keeper import KEEPER

__all__ = ["ANALYST", "BUILDER", "FETCHER", "KEEPER", "repertoire"]
