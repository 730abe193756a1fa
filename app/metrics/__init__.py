"""The node's figures for Prometheus: what they are called, and the server that tells them."""

from app.metrics.exposition import Exposed
from app.metrics.server import BadAddress, MetricsServer, serve
from app.metrics.source import source_of

__all__ = ["BadAddress", "Exposed", "MetricsServer", "serve", "source_of"]
