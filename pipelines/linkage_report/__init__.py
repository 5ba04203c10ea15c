"""`lastro linkage report`: how records were linked, as one page of pictures without a personal value."""
