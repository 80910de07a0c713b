"""A bakery takes an order: a task collects what the caller wants, and the agent goes on with the whole of it."""

from dataclasses import dataclass, field

from livekit.agents import Agent, AgentTask, JobContext, RunContext, ToolError, cli, function_tool

import local_agent

PRICES = {"roll": 1, "loaf": 4, "cake": 18}  # euros


@dataclass
class Order:
    counts: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return ", ".join(f"{count} {item}" for item, count in self.counts.items() if count) or "nothing"


class TakeOrder(AgentTask[Order]):
    def __init__(self) -> None:
        super().__init__(instructions=f"You take orders in a bakery that has {', '.join(PRICES)}. One short sentence.")

    async def on_enter(self) -> None:
        self.session.say("Good morning, the Corner Bakery. What would you like?")

    @function_tool
    async def want(self, context: RunContext[Order], item: str, count: int) -> str:
        """Note how many of an item the caller wants; 0 takes it out of the order."""
        if item not in PRICES:
            raise ToolError(f"there is no {item}; there is {', '.join(PRICES)}")
        context.userdata.counts[item] = count
        return f"the order is {context.userdata}"

    @function_tool
    async def finished(self, context: RunContext[Order]) -> None:
        """The caller wants nothing more."""
        if not any(context.userdata.counts.values()):
            raise ToolError("nothing is ordered yet")
        self.complete(context.userdata)


class Baker(Agent):
    async def on_enter(self) -> None:
        order = await TakeOrder()  # which has the caller to itself until it is complete
        price = sum(PRICES[item] * count for item, count in order.counts.items())
        self.session.say(f"That is {order}: {price} euros. It is ready in ten minutes.")


server = local_agent.agent_server()


@server.rtc_session()
async def entrypoint(ctx: JobContext) -> None:
    await local_agent.session(userdata=Order()).start(Baker(instructions="You say goodbye, briefly."), room=ctx.room)


if __name__ == "__main__":
    cli.run_app(server)
