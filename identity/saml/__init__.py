"""The SAML 2.0 service provider: what we publish, ask, and accept; docs/single-sign-on.md says why so strictly."""
