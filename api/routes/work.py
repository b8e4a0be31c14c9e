"""Jobs: which there are, how far each is, and an end to it."""

from __future__ import annotations

from fastapi import APIRouter

from api import examples
from api.bodies import Json
from api.guard import Visit, Visiting
from api.jobs import Job
from api.keys import Right
from api.refusals import NoJob

router = APIRouter(tags=["jobs"])


@router.get("/jobs", responses=examples.JOBS)
async def jobs(visit: Visiting) -> Json:
    """Your jobs, newest first. One that may admin sees all of its indexes'."""
    return Json({"jobs": [job.shown() for job in visit.house.jobs.all() if _sees(visit, job)]})


@router.get("/jobs/{job}", responses=examples.JOB)
async def job(job: str, visit: Visiting) -> Json:
    """How far a job is."""
    return Json(_of(visit, job).shown())


@router.delete("/jobs/{job}", responses=examples.JOB)
async def cancel(job: str, visit: Visiting) -> Json:
    """Give a job up. What it has committed stays."""
    found = _of(visit, job)
    visit.allow(Right.WRITE)
    visit.house.jobs.cancel(found)
    return Json(visit.house.jobs.find(found.id).shown(), 200 if found.over else 202)


def _of(visit: Visit, job: str) -> Job:
    found = visit.house.jobs.find(job)
    if not _sees(visit, found):
        raise NoJob(f"There is no job {job[:40]!r} of yours. Jobs are forgotten a day after they end.")
    return found


def _sees(visit: Visit, job: Job) -> bool:
    mine = visit.caller.id == job.owner
    return visit.caller.sees(job.index) and (mine or visit.caller.may(Right.ADMIN))
