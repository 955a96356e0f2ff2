"""Inputs of the outcome methods as arrays, each refused by name where it can't be right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tumorboard.errors import InvalidInput, Problem

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Truths = NDArray[np.bool_]

_NAMED = 5  # wrong values named one by one; of the others the number
_COLLINEAR = 1e-10  # smallest eigenvalue of a correlation matrix that still tells its columns apart


def times_of(times: ArrayLike) -> Floats:
    """Times ≥ 0 of at least one patient, shape (n,)."""
    read = numbers_of(times, "times")
    if not len(read):
        raise InvalidInput(Problem("times", "there are no patients", "give at least one"))
    _refuse("times", read, ~(np.isfinite(read) & (read >= 0)), "is no time", "give a finite number from 0")
    return read


def truths_of(values: ArrayLike, place: str, n: int, meaning: str) -> Truths:
    """True/false or 1/0, shape (n,); ``meaning`` says what 1 and 0 stand for."""
    read = numbers_of(values, place)
    same_length(place, len(read), n)
    _refuse(place, read, ~((read == 0) | (read == 1)), "is neither 1 nor 0", meaning)
    truths: Truths = read == 1
    return truths


def events_of(events: ArrayLike, n: int) -> Truths:
    return truths_of(events, "events", n, "give 1 for an event, 0 for a censoring")


def finite_of(values: ArrayLike, place: str, n: int) -> Floats:
    """Finite numbers, shape (n,)."""
    read = numbers_of(values, place)
    same_length(place, len(read), n)
    _refuse(place, read, ~np.isfinite(read), "is no finite number", "leave the patient out or fill the value in first")
    return read


def columns_of(covariates: ArrayLike, names: Sequence[str], n: int) -> Floats:
    """Covariates as columns, shape (n, p) with p ≥ 1 names, all finite."""
    read = _floats(covariates, "covariates")
    if read.ndim != 2 or read.shape[1] != len(names) or not len(names):
        what = f"shape {read.shape} for {len(names)} names"
        raise InvalidInput(Problem("covariates", what, "give one row a patient and one column a name"))
    if twice := sorted({name for name in names if list(names).count(name) > 1}):
        raise InvalidInput(Problem("names", f"twice: {', '.join(twice)}", "give each covariate a name of its own"))
    same_length("covariates", len(read), n)
    for name, column in zip(names, read.T, strict=True):
        finite_of(column, name, n)
    return read


def varying(columns: Floats, names: Sequence[str]) -> tuple[Floats, Floats, Floats]:
    """Columns with mean 0 and SD 1, shape (p, n), and their means and SDs, both (p,).

    Raises InvalidInput for a column that is the same for everybody, or that follows from the others (collinear).
    """
    means, spreads = columns.mean(axis=0), columns.std(axis=0)
    flat = spreads <= 1e-12 * np.maximum(1.0, np.abs(means))
    if flat.any():
        constant = [Problem(name, "is the same for everybody") for name, same in zip(names, flat, strict=True) if same]
        raise InvalidInput(*constant)
    scaled: Floats = np.ascontiguousarray(((columns - means) / spreads).T)
    values, vectors = np.linalg.eigh(scaled @ scaled.T / len(columns))
    if values[0] < _COLLINEAR:
        among = [name for name, part in zip(names, vectors[:, 0], strict=True) if abs(part) > 1e-4]
        what = "follow from one another (collinear)"
        raise InvalidInput(Problem(", ".join(among), what, "leave one of them out"))
    return scaled, means, spreads


def numbers_of(values: ArrayLike, place: str) -> Floats:
    read = _floats(values, place)
    if read.ndim != 1:
        raise InvalidInput(Problem(place, f"has shape {read.shape}", "give one value a patient"))
    return read


def same_length(place: str, found: int, n: int) -> None:
    if found != n:
        raise InvalidInput(Problem(place, f"{found} values for {n} patients", "give one of each for every patient"))


def kept(values: NDArray[Any]) -> NDArray[Any]:
    """``values``, from now on read only: what a frozen result holds."""
    values.flags.writeable = False
    return values


def _floats(values: ArrayLike, place: str) -> Floats:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidInput(Problem(place, f"not an array of numbers ({error})")) from error


def _refuse(place: str, values: Floats, wrong: Truths, what: str, mend: str) -> None:
    if not wrong.any():
        return
    where = np.flatnonzero(wrong)
    problems = [Problem(f"{place}[{index}]", f"{values[index]:g} {what}", mend) for index in where[:_NAMED]]
    if len(where) > _NAMED:
        problems.append(Problem(place, f"{len(where) - _NAMED} more values are wrong in the same way"))
    raise InvalidInput(*problems)
