"""The REST API. `app` builds it, each file of `routes/` holds one feature, `errors` turns errors into problem details."""
