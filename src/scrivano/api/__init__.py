"""The REST API. `app` builds it, each file of `routes/` holds a feature, `errors` makes problem details of errors."""
