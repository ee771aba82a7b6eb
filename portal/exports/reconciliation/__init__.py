"""The reconciliation: our stock and the platform's are matched before the first write (docs/architecture.md).

opening     when it begins and when it is called off
stock       our side; reading: the platform's side, matched and kept; latecomers: what comes while it is open
sides       what is open and decided, counted and paged; deciding: what people decide
finishing   from decisions to listings; removing: listings that are to be deleted at the platform
duty        what a worker does of it
"""
