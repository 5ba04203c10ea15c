"""The privacy officer's report: one page that opens anywhere, and the same figures as JSON; counts only, never a personal value."""
