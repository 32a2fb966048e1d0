"""Assessment of texts: measures that need no judge, a rubric that a model judges, and scores over time."""
