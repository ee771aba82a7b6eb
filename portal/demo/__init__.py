"""The demo dealers: plausible inventories and pictures, both made here, neither copied from anywhere."""
