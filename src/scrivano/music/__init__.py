"""Music in eight genres: a request in words becomes an arrangement that keeps the rules of its genre."""
