"""How an agent plans: from a goal back to what it needs, with what it already has. Pure."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import msgspec
from msgspec import Struct

from app.demo.tools import Done
from components.actions import Action, ContextPiece

_MOST_CONTEXT = 1_500
_CONTINUE = 0.7  # how often an agent goes on with a plan it has, rather than begin another
_BAD = 1 / 20  # the share of steps that begin something dangerous, hijacked or unethical


class Place(Struct, frozen=True):
    """What the arguments of a step depend on."""

    rng: Random
    topic: str
    site: str


class Task(Struct, frozen=True, kw_only=True):
    """A kind of step: what it needs, what it gives, what it ends, and the call it makes.

    Facts, `request` and `narrative` may name the `{topic}`, `request` the `{site}`. `trusted` says
    whether what the call gives back may be relied on; it becomes context of what needed it.
    """

    gives: str
    tool: str
    arguments: Callable[[Place], dict[str, Any]]
    request: str
    narrative: str
    needs: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    trusted: bool = True


class Craft(Struct, frozen=True):
    """What one agent can do: ordinary tasks with the goals among them, and bad ones.

    A goal named twice is pursued twice as often. Whoever deletes should do it seldom: more than
    twenty deletions in ten minutes make the firewall ask about each further one.
    """

    name: str
    topics: tuple[str, ...]
    tasks: tuple[Task, ...]
    goals: tuple[str, ...]
    bad: tuple[Task, ...]


class Step(Struct, frozen=True):
    """One proposal, and the plan it is the next step of."""

    action: Action
    task: Task
    plan: "Plan"


class Plan:
    """The tasks still to do towards one goal, for one topic."""

    def __init__(self, topic: str, tasks: Sequence[Task]) -> None:
        self.topic = topic
        self.left = list(tasks)


class Mind:
    """One agent's plans and what it knows. The same seed and the same results give the same steps.

    `next` hands a step out; `learn` takes in how it ended. Several steps may be out at once.
    """

    def __init__(self, craft: Craft, rng: Random, site: str) -> None:
        self._craft = craft
        self._rng = rng
        self._site = site
        self._facts: set[str] = set()
        self._seen: dict[str, ContextPiece] = {}
        self._ready: list[Plan] = []
        self._goals: list[str] = []
        self._bad: list[Task] = []

    def next(self, *, calm: bool = False) -> Step:
        """The next step; `calm` keeps from beginning a bad one."""
        if not calm and self._rng.random() < _BAD:
            plan = self._begin_bad()
        elif self._ready and self._rng.random() < _CONTINUE:
            plan = self._ready.pop(self._rng.randrange(len(self._ready)))
        else:
            plan = self._begin()
        task = plan.left.pop(0)
        return Step(self._propose(task, plan.topic), task, plan)

    def learn(self, step: Step, done: Done | None) -> None:
        """Take in how a step ended; None: it was not allowed. A plan that broke is dropped."""
        topic = step.plan.topic
        if done is None or done.status != "ok":
            if done is not None:
                # What it built on was not there, or not so: establish it anew another time.
                self._facts -= {fact.format(topic=topic) for fact in step.task.needs}
            return
        fact = step.task.gives.format(topic=topic)
        self._facts -= {ended.format(topic=topic) for ended in step.task.ends}
        self._facts.add(fact)
        source = _source(step.action)
        self._seen[fact] = ContextPiece(source, step.task.trusted, done.output[:_MOST_CONTEXT])
        if step.plan.left:
            self._ready.append(step.plan)

    def _begin(self) -> Plan:
        if not self._goals:
            self._goals = self._shuffled(self._craft.goals)
        goal, topic = self._goals.pop(), self._rng.choice(self._craft.topics)
        return Plan(topic, plan(goal, topic, self._facts, self._craft.tasks, self._rng))

    def _begin_bad(self) -> Plan:
        if not self._bad:
            self._bad = self._shuffled(self._craft.bad)
        task, topic = self._bad.pop(), self._rng.choice(self._craft.topics)
        before: list[Task] = []
        for need in task.needs:
            if need.format(topic=topic) not in self._facts:
                before += plan(need, topic, self._facts, self._craft.tasks, self._rng)
        return Plan(topic, [*before, task])

    def _shuffled(self, items: Sequence[Any]) -> list[Any]:
        return self._rng.sample(items, len(items))

    def _propose(self, task: Task, topic: str) -> Action:
        needed = (need.format(topic=topic) for need in task.needs)
        return Action(
            tool=task.tool,
            arguments=task.arguments(Place(self._rng, topic, self._site)),
            agent=self._craft.name,
            request=task.request.format(topic=topic, site=self._site),
            context=tuple(self._seen[fact] for fact in needed if fact in self._seen),
            narrative=task.narrative.format(topic=topic),
        )


def plan(goal: str, topic: str, facts: set[str], tasks: Sequence[Task], rng: Random) -> list[Task]:
    """The tasks that reach `goal`, in order, leaving out what the facts hold already.

    The goal itself is always done again. Raises `LookupError` for a goal no task gives.
    """
    chosen: list[Task] = []

    def reach(fact: str) -> None:
        if any(task.gives == fact for task in chosen):
            return
        makers = [task for task in tasks if task.gives == fact]
        if not makers:
            raise LookupError(f"nothing gives {fact!r}")
        task = rng.choice(makers)
        for need in task.needs:
            if need.format(topic=topic) not in facts:
                reach(need)
        chosen.append(task)

    reach(goal)
    return chosen


def _source(action: Action) -> str:
    """Where what a call gave came from, such as `http_get http://…/offers.html`."""
    for name in ("url", "path", "command", "sql", "to"):
        if name in action.arguments:
            return f"{action.tool} {action.arguments[name]}"[:200]
    return msgspec.json.encode(action.arguments).decode()[:200]
