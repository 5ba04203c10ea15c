"""What the pipeline costs and how right it is, each figure with one command."""
