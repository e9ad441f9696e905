"""Mutation testing of the decision and the fence: each small change to them must make a test fail."""
