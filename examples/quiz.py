"""Three questions. The program asks and counts, so that any model will do; the model has the last word."""

from livekit.agents import Agent, ChatContext, ChatMessage, JobContext, StopResponse, cli

import local_agent

QUESTIONS = [
    ("How many legs has a spider?", "eight", "8"),
    ("How many strings has a violin?", "four", "4"),
    ("How many days are in a week?", "seven", "7"),
]


class Quiz(Agent):
    def __init__(self) -> None:
        super().__init__(instructions="You are the host of a quiz. Answer in one short, cheerful sentence.")
        self.asked = self.right = 0

    async def on_enter(self) -> None:
        self.session.say(f"Welcome to the quiz. {QUESTIONS[0][0]}")

    async def on_user_turn_completed(self, turn_ctx: ChatContext, new_message: ChatMessage) -> None:
        if self.asked == len(QUESTIONS):
            return  # the quiz is over: the model answers
        heard = "".join(one if one.isalnum() else " " for one in (new_message.text_content or "").lower()).split()
        answer, digit = QUESTIONS[self.asked][1:]
        right = answer in heard or digit in heard
        self.asked, self.right = self.asked + 1, self.right + right
        verdict = "That is right." if right else f"No, it is {answer}."
        if self.asked < len(QUESTIONS):
            self.session.say(f"{verdict} {QUESTIONS[self.asked][0]}")
        else:
            self.session.say(f"{verdict} You have {self.right} of {len(QUESTIONS)}.")
            self.session.generate_reply(instructions=f"They had {self.right} of {len(QUESTIONS)} right. Say goodbye.")
        raise StopResponse  # what is to be said is said


server = local_agent.agent_server()


@server.rtc_session()
async def entrypoint(ctx: JobContext) -> None:
    await local_agent.session().start(agent=Quiz(), room=ctx.room)


if __name__ == "__main__":
    cli.run_app(server)
