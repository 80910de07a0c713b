"""The caller says when a turn begins and ends: with push-to-talk on our page, or by two RPCs of a page of your own."""

from livekit.agents import Agent, JobContext, cli

import local_agent

server = local_agent.agent_server()


@server.rtc_session()
async def entrypoint(ctx: JobContext) -> None:
    session = local_agent.session(turn_handling={"turn_detection": "manual"})
    agent = Agent(instructions="You answer over a walkie-talkie, in one short sentence.")
    await session.start(agent=agent, room=ctx.room)
    session.input.set_audio_enabled(False)

    def begin(*_: object) -> str:
        session.interrupt()
        session.clear_user_turn()
        session.input.set_audio_enabled(True)
        return "listening"

    def end(*_: object) -> str:
        if session.input.audio_enabled:
            session.input.set_audio_enabled(False)
            session.commit_user_turn(transcript_timeout=10.0)
        return "answering"

    ctx.room.local_participant.register_rpc_method("begin", begin)
    ctx.room.local_participant.register_rpc_method("end", end)
    ctx.room.on("track_unmuted", begin)  # our page opens the microphone as long as its button is held
    ctx.room.on("track_muted", end)
    session.say("Press, talk, and let go.")


if __name__ == "__main__":
    cli.run_app(server)
