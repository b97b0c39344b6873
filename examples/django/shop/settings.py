"""The settings of a shop without a database."""
import os
import secrets

CONFAB_URL = os.environ["CONFAB_URL"]
CONFAB_KEY = os.environ["CONFAB_KEY"]
CONFAB_SECRET = os.environ["CONFAB_SECRET"]

SECRET_KEY = secrets.token_hex(32)
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "shop.urls"
MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware"]
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
# Other sites' requests come without the cookie, so no view needs a CSRF token.
SESSION_COOKIE_SAMESITE = "Strict"
TIME_ZONE = "UTC"
