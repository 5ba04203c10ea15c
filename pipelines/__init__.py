"""Above the wings: order, sources, command line."""
