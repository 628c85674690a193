"""The commands of `trialdeck`, a module for those that belong together; `cli` loads one of them."""
