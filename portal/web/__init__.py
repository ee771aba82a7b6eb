"""The web side that the pages stand on: who is asking, what he may, and how an answer is made. Uses Flask."""
