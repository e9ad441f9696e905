"""Who delivers: one file a provider, both directions; what leaves goes through ``http`` or ``smtp_session``."""
