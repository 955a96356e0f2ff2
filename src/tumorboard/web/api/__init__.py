"""REST under ``/api/v1``: the documents of the command line, over HTTP."""
