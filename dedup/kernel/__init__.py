"""The fast floor of linkage: columns as whole numbers, keys, pairs, levels and clusters; knows no database and no contact."""
