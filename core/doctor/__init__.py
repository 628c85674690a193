"""What is wrong with a history, what is lost of it, and what can be mended: only by adding."""
