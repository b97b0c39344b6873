"""A shop with people of its own, who talk about their orders. docs/how-to/connect-your-product.md explains it."""
from functools import wraps
from pathlib import Path

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from . import confab

# What a product has in its database.
PEOPLE = {"17": {"username": "Ada", "email": "ada@example.org"}, "18": {"username": "Ben", "email": "ben@example.org"}}
SELLER = "18"
ORDERS = []

PAGE = Path(__file__).parents[2] / "shop.html"


def of_person(view):
    """Passes who is signed in, and refuses everybody else."""
    @wraps(view)
    def guarded(request):
        person = request.session.get("person")
        return view(request, person) if person in PEOPLE else HttpResponse(status=401)
    return guarded


@require_GET
def page(request):
    return HttpResponse(PAGE.read_text().replace("%CONFAB_URL%", settings.CONFAB_URL))


@require_POST
def log_in(request, person):
    """Stands in for the shop's own log-in: whoever says that they are Ada is Ada."""
    if person not in PEOPLE:
        return HttpResponse(status=404)
    request.session["person"] = person
    return HttpResponse(status=204)


@require_GET
@never_cache
@of_person
def confab_token(request, person):
    return JsonResponse({"token": confab.token(person, PEOPLE[person]["username"], PEOPLE[person]["email"])})


@require_POST
@of_person
def add_order(request, person):
    """Each of these calls may be repeated, so a backend that stopped in the middle does all of it again."""
    ORDERS.append(person)
    order = len(ORDERS)
    for one in (SELLER, person):
        confab.call("PUT", f"/users/ext:{one}", PEOPLE[one])
    chat = {"title": f"Order {order}", "members": [f"ext:{person}"], "external_id": f"order/{order}"}
    confab.call("POST", "/chats", chat, act_as=SELLER, fine="external_id_taken")
    thanks = {"text": "Thank you for your order.", "client_id": f"order-{order}-thanks"}
    confab.call("POST", f"/chats/ext:order%2F{order}/messages", thanks, act_as=SELLER)
    return JsonResponse({"order": order}, status=201)
