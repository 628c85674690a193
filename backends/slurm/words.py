"""Slurm's words: the states of jobs, why they wait, why they are refused; each as a sentence."""

from __future__ import annotations

from trialdeck.backends.base import State, Status

_RUNNING = {
    "RUNNING", "COMPLETING", "SUSPENDED", "CONFIGURING", "STAGE_OUT", "SIGNALING", "STOPPED",
    "RESIZING", "POWER_UP_NODE",
}  # fmt: skip
_QUEUED = {
    "PENDING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "SPECIAL_EXIT", "RESV_DEL_HOLD",
}  # fmt: skip
# Ended by Slurm, whatever the job did.
_TAKEN = {
    "TIMEOUT": "it reached its time limit",
    "PREEMPTED": "it was preempted",
    "NODE_FAIL": "its node failed",
    "BOOT_FAIL": "its node did not start",
    "DEADLINE": "its deadline passed",
    "REVOKED": "another cluster took it",
}
_FAILED = {
    "OUT_OF_MEMORY": "it ran out of memory: raise `memory` below [backends.slurm]",
    "LAUNCH_FAILED": "it could not be launched",
}


def job_status(word: str, reason: str = "", exit_code: str = "") -> Status:
    """Return what Slurm's state of one job means; `exit_code` is as in "7:0" (status:signal)."""
    word = word.split(maxsplit=1)[0] if word else word  # sacct: "CANCELLED by 1000"
    if word in _RUNNING:
        return Status(State.RUNNING)
    if word in _QUEUED:
        return Status(State.QUEUED, reason)
    if word == "COMPLETED":
        return Status(State.ENDED)
    if word == "CANCELLED":
        return Status(State.ENDED, "cancelled", taken=True)
    if word in _TAKEN:
        return Status(State.FAILED, f"{_TAKEN[word]} ({word})", taken=True)
    if word in _FAILED:
        return Status(State.FAILED, f"{_FAILED[word]} ({word})")
    if word == "FAILED":
        return Status(State.FAILED, _crash(reason, exit_code))
    return Status(State.UNKNOWN, f"Slurm says {word or 'nothing'}")


def _crash(reason: str, exit_code: str) -> str:
    status, _, number = exit_code.partition(":")
    if number not in ("", "0"):
        return f"signal {number} ended it ({reason})"
    if status not in ("", "0"):
        return f"exit status {status} ({reason})"
    return f"it failed ({reason})" if reason not in ("", "None") else "it failed"


_KEY = "below [backends.slurm]"
_LIMIT = f"ask for less (time, cpus, memory, gpus, cores {_KEY}), or for another qos"
# By Slurm's reason: why a job will not start before somebody changes something, and what.
STUCK = {
    "PartitionTimeLimit": f"its time is above the partition's limit: lower `time` {_KEY}",
    "PartitionNodeLimit": f"it wants more nodes than the partition gives: change `sbatch` {_KEY}",
    "PartitionConfig": f"the partition cannot give what it asks for: lower time, memory, cpus or "
    f"gpus {_KEY}, or choose another `partition`",
    "PartitionDown": f"the partition takes no jobs at present: choose another `partition` {_KEY}",
    "PartitionInactive": f"the partition is switched off: choose another `partition` {_KEY}",
    "ReqNodeNotAvail": "the nodes that it asks for are down, drained or reserved: choose another "
    f"`partition`, or less `time` before a reservation, {_KEY}",
    "BadConstraints": f"no node is like that: change `constraint`, gpus or memory {_KEY}",
    "AccountNotAllowed": f"your account may not use this partition: change `account` {_KEY}",
    "QOSNotAllowed": f"this qos may not use this partition: change `qos` {_KEY}",
    "InvalidAccount": f"Slurm does not know the account: change `account` {_KEY}",
    "InvalidQOS": f"Slurm does not know the qos: change `qos` {_KEY}",
    "AssociationJobLimit": f"your account has a limit on jobs: {_LIMIT}",
    "JobHeldUser": "it is held: `scontrol release` lets it go on",
    "JobHeldAdmin": "an administrator holds it: ask them",
    "DependencyNeverSatisfied": f"what it depends on has failed: change `sbatch` {_KEY}",
    "BurstBufferResources": f"there is no burst buffer: change `sbatch` {_KEY}",
    "AccountingPolicy": f"a limit of your account is in the way: {_LIMIT}",
    "launch failed requeued held": "it could not be launched and is held: its log, or an "
    "administrator, knows why; `scontrol release` tries again",
    "NodeDown": f"the node that it needs is down: change `partition` or `sbatch` {_KEY}",
}
_NORMAL = {
    "Priority": "others come first",
    "Resources": "all nodes are busy",
    "BeginTime": "Slurm pauses before it starts it again",
    "Licenses": "it waits for a licence",
    "Cleaning": "the node is being cleaned up",
    "Dependency": "it waits for another job",
    "Reservation": "it waits for its reservation",
    "ReqNodeNotAvail, May be reserved for other job": "its nodes are kept for another job",
}
_ARRAY_LIMIT = "JobArrayTaskLimit"


def is_reserve(reason: str) -> bool:
    """Whether a job waits only because enough of its array run."""
    return reason == _ARRAY_LIMIT


def why_waiting(reason: str) -> tuple[bool, str]:
    """Return whether a job that waits for this reason is stuck, and the reason as a sentence."""
    word = reason.split(",", maxsplit=1)[0].split("(", maxsplit=1)[0].strip()
    if reason in _NORMAL:
        return False, f"{_NORMAL[reason]} ({reason})"
    if reason in STUCK or word in STUCK:
        return True, f"{STUCK.get(reason) or STUCK[word]} ({reason})"
    if word in _NORMAL:
        return False, f"{_NORMAL[word]} ({reason})"
    if word.startswith(("QOSMax", "AssocMax", "QOSMin", "MaxCpuPer", "MaxMemPer")):
        # A limit per user is that of all jobs together: it waits for the others of this user.
        if "PerUser" in word or "PerAccount" in word:
            return False, f"you may not have more at a time ({reason})"
        return True, f"a job may not ask for so much: {_LIMIT} ({reason})"
    if word.startswith(("QOSGrp", "AssocGrp", "QOSResource", "Assoc", "QOS")):
        return False, f"your group's share is used up at present ({reason})"
    if word in ("", "None"):
        return False, "Slurm has not looked at it yet"
    return False, reason


# A part of what sbatch says -> what to change.
_REFUSALS = (
    ("Invalid partition", "there is no such partition: change `partition`"),
    ("time limit is invalid", "the time is above the partition's limit: lower `time`"),
    ("Invalid --time", "the time cannot be read: change `time`"),
    ("Memory specification", "no node has so much memory: lower `memory`"),
    ("Invalid account", "the account may not be used here: change `account`, or `partition`"),
    ("Invalid qos", "the qos may not be used here: change `qos`"),
    ("Invalid feature", "no node has that feature: change `constraint`"),
    ("generic resource", "no node has such GPUs: change `gpus`"),
    ("job array specification", "the array is too long here: lower `cores` or `refill`"),
    ("node configuration is not available", "no node has so much: lower cpus, memory or gpus"),
    ("Node count specification", "so many nodes are not allowed: change `sbatch`"),
    ("CPU count", "no node has so many CPUs: lower `cpus`"),
    ("accounting/QOS policy", "a limit of your account or qos is in the way: ask for less"),
    ("access/permission denied", "you may not use that: change `partition`, `account` or `qos`"),
    ("unrecognized option", "sbatch does not know the option: change `sbatch`"),
    ("invalid option", "sbatch does not know the option: change `sbatch`"),
)  # fmt: skip


def refusal(said: str) -> str:
    """Return what sbatch said against a job, with what to change."""
    for part, cure in _REFUSALS:
        if part.lower() in said.lower():
            return f"Slurm refuses it: {cure} {_KEY} (sbatch: {said})"
    return f"Slurm refuses it (sbatch: {said})"


# A part of the line that slurmstepd writes before it ends a job.
_ENDINGS = (
    ("DUE TO PREEMPTION", "Slurm preempted the job"),
    ("DUE TO TIME LIMIT", "the job reached its time limit"),
    ("DUE TO JOB REQUEUE", "Slurm queued the job again"),
    ("DUE TO NODE FAILURE", "the job's node failed"),
    ("DUE TO JOB NOT RUNNING", "Slurm lost the job"),
    ("OOM KILL", "the job ran out of memory"),
    ("CANCELLED", "the job was cancelled"),
)


def why_ending(line: str) -> str:
    """Return the sentence for a line "… *** JOB 12 ON node1 CANCELLED AT … DUE TO … ***"."""
    said = line.partition("***")[2].rpartition("***")[0].strip() or line.strip()
    for part, text in _ENDINGS:
        if part.lower() in line.lower():
            return f"{text} (Slurm: {said})"
    return f"Slurm: {said}"
