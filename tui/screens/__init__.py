"""What opens above the views: forms, questions, help."""
