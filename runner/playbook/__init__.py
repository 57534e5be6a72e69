"""Reading playbooks: strict YAML, its schema, and the frozen model."""
