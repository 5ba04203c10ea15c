"""The sources: one YAML file each says where a delivery is, how to read it and what its columns mean."""

from pipelines.sources.names import source_names

__all__ = ["source_names"]
