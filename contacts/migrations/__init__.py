"""Alembic migrations of the warehouse, up and down on both databases."""
