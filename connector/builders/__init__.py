"""Where it drops in: pure functions from the catalogue to what another program reads, one artefact a file."""
