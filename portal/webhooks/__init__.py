"""Webhooks: dealers' tools are told what happened to their listings, apps and runs. No Flask.

What is to be told is written by triggers in the transaction of the fact (portal/models/webhooks.py). From
there: `messages`, `signing` and `schedule` are pure, `sending` sends, `endings` gives up and says so,
`endpoints` is what people do.
"""
