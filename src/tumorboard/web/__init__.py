"""What other systems and people reach over HTTP: pages, REST, FHIR, CDS Hooks, assistants."""
