"""Papers and consensus documents in, drafts of findings tied to their exact place out; a person decides on each."""
