"""What the shop needs of Confab: a token for who is signed in, and calls from the backend."""
import base64
import hashlib
import hmac
import json
import time
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from django.conf import settings

ISSUER = "https://shop.example.org"


def token(person, name, email):
    """A JWT that says who somebody is, for a minute."""
    claims = {"iss": ISSUER, "aud": "confab", "sub": person, "preferred_username": name,
              "email": email, "exp": int(time.time()) + 60}
    signed = ".".join(_part(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return f"{signed}.{_part(hmac.digest(settings.CONFAB_SECRET.encode(), signed.encode(), hashlib.sha256))}"


def _part(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def call(method, path, body, act_as=None, fine=None):
    """Calls with the shop's key, perhaps as one of its people. What is refused with `fine` was done before."""
    headers = {"Authorization": f"Bearer {settings.CONFAB_KEY}", "Content-Type": "application/json"}
    if act_as:
        headers["Confab-Act-As"] = f"ext:{act_as}"
    url, data = f"{settings.CONFAB_URL}/api/v1{path}", json.dumps(body).encode()
    try:
        with urlopen(Request(url, data, headers, method=method), timeout=10):
            pass
    except HTTPError as error:
        problem = json.load(error)
        if problem["code"] != fine:
            raise RuntimeError(f"{method} {path}: {problem['code']}: {problem['detail']}") from error
