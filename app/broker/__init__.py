"""What an MQTT broker needs to serve nodes, agents and consoles, and what a client needs of it."""
