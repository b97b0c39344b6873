"""What is where."""
from django.urls import path

from . import views

urlpatterns = [
    path("", views.page),
    path("log-in/<person>", views.log_in),
    path("shop/confab-token", views.confab_token),
    path("shop/orders", views.add_order),
]
