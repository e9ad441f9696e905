"""What happens: the corridor. A builder's call, a keyword and a campaign step come in; one door leads out."""
