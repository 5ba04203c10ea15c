"""When, how often and how a person may be contacted: the officer's rules, one readable decision, and the same for everybody at once."""
