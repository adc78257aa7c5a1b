"""Writers of formats: each takes one asset after the other and holds none of them.

What an asset becomes is computed by Kili's own converters, which only the child process of exports imports.
"""
