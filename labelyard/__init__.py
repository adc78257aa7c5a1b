"""labelyard: the layers of the server, each a folder at the top of the repository that is linked here.

What is installed is this one package, so that no other distribution's `server` or `domain` can get in its way.
"""
