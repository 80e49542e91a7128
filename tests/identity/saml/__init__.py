"""Single sign-on: the service provider against its own forged messages and against a foreign identity provider."""
