"""What ``hwadmin doctor`` looks at. Each check yields findings: a sentence, and where needed what to do."""
