"""The mobile.de side of the sandbox: its Seller API, reference lists, control and buyers' pages."""
