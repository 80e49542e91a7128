"""The app that composes all others."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "config"

    def ready(self) -> None:
        """Composition imports models, which exist only now; hence the one import that must wait."""
        from config.composition import compose

        compose()
