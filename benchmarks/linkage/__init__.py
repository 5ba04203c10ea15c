"""Linkage measured beside other engines: made-up contacts with their truth, public sets, an exact evaluator, peers in environments of their own."""
