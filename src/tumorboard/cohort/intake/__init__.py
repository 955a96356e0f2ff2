"""Other people's exports as cases: FHIR bulk files, CSV folders, OMOP tables (docs/cohort-import.md)."""
