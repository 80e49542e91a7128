"""The authorisation server: django-oauth-toolkit and oauthlib, bent to one organisation per client.

Views open the scope or trail of the client's organisation; everything here runs inside it.
"""
