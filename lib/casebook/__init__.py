"""Methods of regional economics, and what published work rests on.

Each module answers one question; see its docstring for which.
"""
