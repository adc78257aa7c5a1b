"""From a `where` to SQL: one table per object type, the only places that read a `where`.

A table maps each key to a function that adds conditions on the row `alias`. Keys are those of the schema, so nothing a client
sends can name a column; values are always parameters. Null has been dropped before: it means "no filter".
"""
