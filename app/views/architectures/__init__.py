"""The Architectures page: table 3, cross-architecture evaluation."""
