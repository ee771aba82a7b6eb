"""What AutoScout24 refuses (docs/protocols.md): the sandbox's own reading of it, apart from the portal's."""
