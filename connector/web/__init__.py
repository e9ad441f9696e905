"""Who asks: HTTP. Each view parses, calls the engine and names the status; no rule lives here."""
