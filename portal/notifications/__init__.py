"""What people are told: problems once, notifications in the portal, mails. No Flask."""
