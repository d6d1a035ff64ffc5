"""Pure arithmetic on counts: no Django, no database. Formulas and reference values: docs/measures.md."""
