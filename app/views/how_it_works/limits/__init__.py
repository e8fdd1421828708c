"""Chapter on limits: when dataset condensation is no use."""
