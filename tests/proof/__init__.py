"""The proof of the fence: every interleaving of a claim, an opt-out and an enrolment, played on real databases."""
