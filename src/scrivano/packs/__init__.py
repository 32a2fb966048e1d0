"""Domain packs: domains, niches and the training samples that show a writer how it is done."""
