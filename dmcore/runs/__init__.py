"""The run folder: written, read, resumed, evaluated, exported. Readers take no lock, import no torch."""
