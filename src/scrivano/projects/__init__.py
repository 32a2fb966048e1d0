"""Projects: what books, posts, songs and references belong to, and who may read and change them."""
