"""Wing: may we?"""
