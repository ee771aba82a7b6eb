"""How a file reaches a server: SFTP, FTPS, FTP, HTTPS, mail. No database, no Flask."""
