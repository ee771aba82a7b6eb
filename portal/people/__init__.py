"""People: invitations, passwords, second factor, limits of a plan. No Flask."""
