"""The reconciliation: our stock and the platform's are matched before the first write (docs/architecture.md).

matching    which listing is which vehicle (pure)
sides       what is here, there, paired and decided, as queries
control     begins it, calls it off, takes what the dealer decides
read        the platform's list, matched and kept; what comes while it is open
finish      from decisions to listings
task        what a worker does of it; assignment: what it knows meanwhile
"""
