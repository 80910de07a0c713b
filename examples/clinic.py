"""The telephone of a surgery: reception knows the free appointments, and puts through to the nurse who gives advice."""

from livekit.agents import Agent, ChatContext, JobContext, ToolError, cli, function_tool

import local_agent

FREE = {"Monday": ["9:00", "10:30"], "Wednesday": ["14:00"], "Friday": ["11:15"]}


class Reception(Agent):
    def __init__(self) -> None:
        super().__init__(instructions="You are the reception of Harbour Street Surgery. Answer in one short sentence.")

    async def on_enter(self) -> None:
        self.session.say("Harbour Street Surgery, good day. What can I do for you?")

    @function_tool
    async def free_times(self, day: str) -> str:
        """Look up the free appointments of a day of the week."""
        times = FREE.get(day.capitalize())
        return f"{day} at {' or '.join(times)}" if times else f"nothing is free on {day}; there is {', '.join(FREE)}"

    @function_tool
    async def book(self, day: str, time: str) -> str:
        """Book an appointment, once the caller has chosen one that is free."""
        times = FREE.get(day.capitalize(), [])
        if time not in times:
            raise ToolError(f"{day} at {time} is not free")
        times.remove(time)
        return f"booked: {day} at {time}"

    @function_tool
    async def nurse(self) -> Agent:
        """Put the caller through to the nurse, who gives advice to people who feel ill."""
        return Nurse(self.chat_ctx.copy(exclude_instructions=True, exclude_function_call=True))


class Nurse(Agent):
    def __init__(self, said_before: ChatContext) -> None:
        instructions = "You are the nurse of Harbour Street Surgery. Ask briefly what hurts, and since when."
        super().__init__(instructions=instructions, chat_ctx=said_before)

    async def on_enter(self) -> None:
        self.session.say("You are through to the nurse. How do you feel?")


server = local_agent.agent_server()


@server.rtc_session()
async def entrypoint(ctx: JobContext) -> None:
    await local_agent.session().start(agent=Reception(), room=ctx.room)


if __name__ == "__main__":
    cli.run_app(server)
