"""The bridge to an MQTT 5 broker: agents, consoles and feeds elsewhere."""
