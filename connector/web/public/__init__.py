"""Pages for the people themselves: no key, no cookie, no script. What a GET shows, only a POST may do."""
