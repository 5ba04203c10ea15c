"""Ground floor: what a contact is, and where it is kept."""
