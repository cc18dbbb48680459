"""The assertion language of proof outlines: printing it, and mechanisms that many networks share."""
