"""Users and their roles, for administrators; and the page to log in on."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from tumorboard.errors import InvalidInput, Problem
from tumorboard.store.users import Role, add_user, disable, enable, set_password, set_role, users
from tumorboard.web.pages.forms import Fields
from tumorboard.web.pages.page import language_of, render
from tumorboard.web.pages.session import allowed, database_of

router = APIRouter()


@router.get("/users")
def users_page(request: Request) -> Response:
    allowed(request, Role.administrator)
    with database_of(request).reading() as connection:
        found = users(connection)
    return render(request, "users.html", language_of(request), users=found, roles=list(Role))


@router.post("/users")
def new_user(request: Request, fields: Fields) -> Response:
    by = allowed(request, Role.administrator)
    with database_of(request).writing() as connection:
        add_user(
            connection, fields.get("name", ""), full_name=fields.get("full_name", ""),
            role=_role(fields.get("role", "")), password=fields.get("password") or None, by=by.id,
        )  # fmt: skip
    return RedirectResponse("/users", 303)


@router.post("/users/{user_id}")
def change_user(request: Request, user_id: str, fields: Fields) -> Response:
    """One change: a role, a password, or whether the account opens."""
    by = allowed(request, Role.administrator)
    with database_of(request).writing() as connection:
        match fields.get("do"):
            case "disable":
                disable(connection, user_id, by=by.id)
            case "enable":
                enable(connection, user_id, by=by.id)
            case "password":
                set_password(connection, user_id, fields.get("password") or None, by=by.id)
            case _:
                set_role(connection, user_id, _role(fields.get("role", "")), by=by.id)
    return RedirectResponse("/users", 303)


def _role(name: str) -> Role:
    if name not in list(Role):
        raise InvalidInput(Problem("role", f"{name!r} is no role", " | ".join(Role)))
    return Role(name)
