"""What a verdict rests on: the trusted files and their digest, libraries, assumptions."""
