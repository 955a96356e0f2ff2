"""Who asks, and the database behind the boards, as the application puts them on the request."""

from __future__ import annotations

from starlette.requests import Request

from tumorboard.errors import NotFound, Problem, TumorboardError
from tumorboard.store.database import Database
from tumorboard.store.users import Role, User


class Refused(TumorboardError):
    """The user may not do this, or nobody is logged in."""

    def __init__(self, needed: Role) -> None:
        self.needed = needed
        super().__init__(
            Problem("", "this needs to be asked by somebody who may", f"log in as {needed.value} or above")
        )


def database_of(request: Request) -> Database:
    """Raises NotFound where the application serves without boards."""
    database: Database | None = getattr(request.app.state, "database", None)
    if database is None:
        raise NotFound(Problem("", "there are no boards here", "start with `tumorboard serve --database URL`"))
    return database


def user_of(request: Request) -> User | None:
    user: User | None = getattr(request.state, "user", None)
    return user


def allowed(request: Request, needed: Role) -> User:
    """The user, who may do what ``needed`` may. Raises Refused."""
    user = user_of(request)
    if user is None or not user.role.covers(needed):
        raise Refused(needed)
    return user


def csrf_of(request: Request) -> str:
    """The token a form that changes something carries back; the application checks it."""
    return getattr(request.state, "csrf", "") or ""
