"""The rows of a data set judged by a network made elsewhere: exact verdicts, margins, a certificate."""
