"""Wing: is the record fit?"""
