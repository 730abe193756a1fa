"""The hooks of coding agents: an event comes in on standard input, and the gate answers it."""
