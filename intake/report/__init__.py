"""What the doctor reads: the sealed document, its one-page summary, the PDF, and FHIR."""
