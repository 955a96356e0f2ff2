"""What is known of one patient: the case file, FHIR bundles, and the tables rules read."""
