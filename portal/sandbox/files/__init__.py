"""The file portal: whole stocks by SFTP, FTP(S) and HTTP (docs/sandbox.md)."""
