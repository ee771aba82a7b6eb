"""Drop folders: an SFTP server of the portal's own, where dealers' systems leave their stock files.

A room of one process (`python -m portal.drop_folders`): it serves the folders, and takes what was dropped in
them into the stock the way a source's file is taken.
"""
