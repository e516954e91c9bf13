"""What is written about a run for programs and for later: events, JUnit, evidence, a JSON document."""
