"""The vault: records of a person, sealed on disk under a key for each grant, held open in anonymous memory alone.

    folder.create(root, secret, built) -> Vault        folder.opened(root) -> Vault
    Vault.unlock(secret) -> Unlocked: grants and their keys, notes, records
    Unlocked.held(grants) -> Held, a snapshot that `cascade.engine.Engine` asks

Knows sealed files and what is in them; knows nothing of consent, sources or questions. docs/privacy.md says what it
protects from, and what not.
"""
