"""Files that memcert writes and reads back: certificates, boxes, evidence, results; whole or not at all."""
