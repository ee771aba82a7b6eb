"""The AutoScout24 side of the sandbox: its Listing Creation API, books, control and buyers' pages."""
