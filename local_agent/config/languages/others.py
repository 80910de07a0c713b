"""Languages of which little more is known than what the agent says by itself."""

from __future__ import annotations

from dataclasses import replace

from local_agent.config.languages.facts import COMMON, Ends, Facts, Forgetting, Listening, Phrases, words

DOTTED = replace(COMMON, ordinal_dot=True)
ORDINAL_DOT = words("bs cs da et fi fo hr hu is lb lv nb nn no pl sk sl sr")  # the full stop of an ordinal is no end
UNSPACED = words("bo km lo my th yue")  # and Chinese and Japanese: no spaces between words

POLISH = Phrases(
    greeting="Dzień dobry! W czym mogę pomóc?",
    apology="Przepraszam, coś poszło nie tak. Proszę powtórzyć.",
    interrupted="Przepraszam, przerwano mi i zgubiłem wątek. Na czym skończyliśmy?",
    goodbye="Muszę już kończyć. Do widzenia.",
    no_voice="Nie mam tu polskiego głosu. Moje odpowiedzi są też na ekranie.",
    instructions="Jesteś przyjaznym asystentem głosowym. Odpowiadaj po polsku, jednym lub dwoma krótkimi zdaniami, bez "
    "list i bez markdown.",
)
RUSSIAN = Phrases(
    greeting="Здравствуйте! Чем я могу помочь?",
    apology="Извините, что-то пошло не так. Пожалуйста, повторите.",
    interrupted="Извините, меня прервали, и я потерял нить разговора. На чём мы остановились?",
    goodbye="Мне пора заканчивать. До свидания.",
    no_voice="U menya net russkogo golosa. Moi otvety na ekrane.",
    instructions="Ты дружелюбный голосовой помощник. Отвечай по-русски, одним или двумя короткими предложениями, без "
    "списков и без markdown.",
)
SWEDISH = Phrases(
    greeting="Hej! Hur kan jag hjälpa till?",
    apology="Förlåt, något gick fel. Kan du säga det igen?",
    interrupted="Förlåt, jag blev avbruten och tappade tråden. Var var vi?",
    goodbye="Jag måste sluta nu. Hej då.",
    no_voice="Jag har ingen svensk röst här. Mina svar står också på skärmen.",
    instructions="Du är en vänlig röstassistent. Svara på svenska, med en eller två korta talade meningar, utan listor "
    "och utan markdown.",
)
CHINESE = Phrases(
    greeting="您好！请问有什么可以帮您？",
    apology="抱歉，出了点问题。请您再说一遍。",
    interrupted="抱歉，我被打断了，忘了我们说到哪里。请问我们刚才说到什么？",
    goodbye="我得挂断了，再见。",
    no_voice="Zheli meiyou zhongwen de shengyin. Huida zai pingmu shang.",
    instructions="你是一个友好的语音助手。请用中文回答，只说一两句简短的口语，不要用列表或标记符号。",
)
JAPANESE = Phrases(
    greeting="こんにちは。どのようなご用件でしょうか。",
    apology="申し訳ありません、うまくいきませんでした。もう一度お願いします。",
    interrupted="すみません、中断されて、話の流れがわからなくなりました。どこまで話しましたか。",
    goodbye="そろそろ失礼します。さようなら。",
    no_voice="Nihongo no koe ga arimasen. Henji wa gamen ni arimasu.",
    instructions="あなたは親切な音声アシスタントです。日本語で、一つか二つの短い話し言葉の文で答えてください。箇条書き"
    "や記号は使わないでください。",
)
KOREAN = Phrases(
    greeting="안녕하세요! 무엇을 도와드릴까요?",
    apology="죄송합니다, 문제가 생겼어요. 다시 한번 말씀해 주세요.",
    interrupted="죄송합니다, 중간에 끊겨서 이야기의 흐름을 놓쳤어요. 어디까지 이야기했지요?",
    goodbye="이제 끊어야 해요. 안녕히 계세요.",
    no_voice="Hangugeo moksoriga eopseumnida. Daedabeun hwamyeone isseumnida.",
    instructions="당신은 친절한 음성 비서입니다. 한국어로, 짧은 구어체 한두 문장으로 대답하세요. 목록이나 마크다운은 "
    "쓰지 마세요.",
)

JAPANESE_LISTENING = Listening(
    yes="はい|ハイ|ええ|うん|ウン|そう|そうです|そうですね|そうだね|そうね|そうか|そっか|なるほど|なるほどね"
    "|なるほどですね|確かに|たしかに|分かりました|わかりました|分かった|わかった|了解|了解です|オッケー|オーケー"
    "|いいですね|いいね|もちろん|その通り|そのとおり|その通りです|そのとおりです|おっしゃる通り|おっしゃる通りです"
    "|ですよね|だよね|ですね|よし|承知しました|かしこまりました|知ってます|知っています|分かります|わかります|分かる"
    "|わかる|まさに|了解しました|承知です|ほんとだ|よかったですね|よかった|オーケーです|ね",
    other="へ[えー]+|ほう|ほー|ふーん|ふうん|ああ|あー|おお|おー|えっと|えーと|まあ|うーん|んー?|ふむ|すごい"
    "|すごいですね|すごいね|本当|本当に|本当ですか|ほんと|ほんとに|ほんとですか|まじ|マジ|まじで|マジで"
    "|そうなんですか|そうなんだ|そうなんですね|そうですか|面白い|面白いですね|おもしろい|さすが|そうだったんですか"
    "|そうだったんだ|そうでしたか|それはすごい|それはすごいですね|マジか|さすがですね|大変ですね|それは大変ですね"
    "|あら|あ|ふむふむ",
    alone="で|それで",
)
JAPANESE_ENDS = Ends(
    dangling=words("を に へ と や ので たら なら ば とか えっと えーと その あの"),
    leaning=words("は が の も で から けど けれど けれども のに て し か"),
    whole="こんにちは|こんばんは|(?:では|じゃあ)?また(?:明日|あした)?|ありがとう(?:ございました)?|お願いします",
    digits="ゼロ|一|二|三|四|五|六|七|八|九",
)
_PLEASE = r"(?:はい|いいえ|いや|すみません(?:が)?|やっぱり|あの|えっと|お願い(?:です)?)*"
_FORGET = r"(?:忘れて|消して|削除して)(?:ください|下さい|くれますか|もらえますか|ね)?"
JAPANESE_FORGETTING = Forgetting(
    last=rf"{_PLEASE}(?:今の|今の話|今言ったこと|それ|これ|さっきの(?:話|質問)?|さっき言ったこと|最後の(?:質問|メッセージ))(?:は|を|も)?{_FORGET}",
    everything=rf"{_PLEASE}(?:全部|ぜんぶ|すべて|全て|この会話|会話|今までの(?:話|会話)|話したこと)(?:は|を)?(?:全部|ぜんぶ|すべて|全て)?{_FORGET}",
    turned=r"(?!)",
    forgotten="わかりました、今のことは忘れました。",
    all_forgotten="わかりました、すべて忘れました。",
)
CHINESE_LISTENING = Listening(
    yes="嗯+|对+|是|是的|是啊|好|好的|好啊|没错|当然|明白|明白了|知道|知道了|我知道|了解|可以|行|有道理|懂了|不错|对啊"
    "|嗯哼",
    other="哦+|噢|啊|呃|哇|真的|真的吗|是吗|这样啊|原来如此|有意思|厉害",
    alone="那|然后",
)
CHINESE_ENDS = Ends(
    dangling=words(
        "和 跟 与 或者 但是 可是 因为 所以 如果 虽然 把 被 在 从 向 比 我想 我要 请 那个 这个 就是 然后 而且 还有"
    ),
    leaning=words("的 给 是 对 想 要"),
    digits="零|一|二|三|四|五|六|七|八|九",
)

OTHERS = {
    "pl": Facts(POLISH, writing=DOTTED),
    "ru": Facts(RUSSIAN, writing=COMMON),
    "sv": Facts(SWEDISH, writing=COMMON),
    "ko": Facts(KOREAN, writing=COMMON),
    "ja": Facts(JAPANESE, JAPANESE_LISTENING, JAPANESE_ENDS, JAPANESE_FORGETTING, writing=COMMON, spaced=False),
    "zh": Facts(CHINESE, CHINESE_LISTENING, CHINESE_ENDS, writing=COMMON, spaced=False),
    **{code: Facts(writing=DOTTED) for code in ORDINAL_DOT if code != "pl"},
    **{code: Facts(writing=COMMON, spaced=False) for code in UNSPACED},
}
