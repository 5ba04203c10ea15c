"""The made-up world behind `lastro demo`: invented people, written as five messy sources with the truth beside them."""
