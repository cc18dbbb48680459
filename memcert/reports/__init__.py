"""What people read: text of verdicts and explanations; reports decide nothing."""
