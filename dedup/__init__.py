"""Wing: is it the same person?"""
