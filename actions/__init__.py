"""What can be done: one file, one action; file name, function name and published name are the same.

Copy the shortest neighbour, change the docstring and the signature, and run ``make publish`` once.
"""
