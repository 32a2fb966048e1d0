"""Blog posts: workflows that are data, actions of models that are proposals, publishing at the end."""
