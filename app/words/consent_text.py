"""What a person agrees to, word for word, in each language.

These texts are not in the gettext catalogues: the record keeps the hash of what was shown, so a text and its version
change together, here, and nowhere else. An older version's text stays in the history of this file.
"""

from __future__ import annotations

from app.words.language import current_language
from core.store.consent import ConsentText

CONSENT_TEXT_VERSION = "2026-12"

_TEXTS = {
    "en": """\
WHAT CALMLINE DOES
During your calls it looks at you through this computer's camera, five times a second. From each picture it reads one \
of four words (happy, neutral, stress, surprise) and moves a number, the level, which starts at 0 with every call.

WHAT IT KEEPS
Of what it sees only the time, the word and the level, in one file on this computer that belongs to you. Beside them what \
you tell it (notes, how a call felt, your settings and answers) and how well each network read your expressions. Details \
are removed after 90 days and summaries after 365, or earlier if you like. You can see, copy and erase all of it at any \
time.

WHAT IT NEVER DOES
It never shows, keeps or sends a picture of you. It opens no connection to any other computer. It never reads the \
camera outside the light check, the expressions, your calls and practice that you start yourself. It never listens: if \
you want calls to begin by themselves, it looks at which program uses the microphone, and opens no sound.

WHAT IT CANNOT KNOW
It sees a face, not a feeling. A smile under strain reads as happy. Glasses, light and habit change what it reads. \
Nobody should judge you by it, and you should not judge yourself by it.

WHO SEES IT
You. Your supervisor gets nothing unless you choose it here, and then only what you choose, from the calls you make \
from now on. Take it back, and it is over for every call so far; what you want to hand over after all, you hand over \
again, seeing each call first. A softphone that starts your calls is told whether one is running, and nothing else. \
Every export is listed in your history.

WHAT A SUPERVISOR COULD READ FROM IT
A summary tells the day and the part of it (night, morning, afternoon or evening), how many minutes the call lasted, \
how tense its tensest minute looked, how long it looked tense, how soon it was calm again and how much of it your face \
was seen. A curve adds one mean level for each minute: from it one can tell when you looked tense or smiled. Neither \
holds your name, a time of day or the word that was read. But whoever has the telephone log can compare the lengths and the number of calls of a day with it, and may find out \
which call was which, and that it was you.

YOU ARE FREE
Saying no has no drawback in this program. You can change or withdraw your answer at any time in the settings, or \
with "calmline consent set".
""",
    "ko": """\
캄라인이 하는 일
통화하는 동안 이 컴퓨터의 카메라로 1초에 다섯 번 얼굴을 봐요. 그때마다 네 가지(기쁨, 평온, 긴장, 놀람) 가운데 하나로 읽고, \
통화마다 0에서 시작하는 숫자 하나(누적값)를 움직여요.

남기는 것
본 것 가운데는 시각, 표정 이름, 누적값만 이 컴퓨터에 있는 내 파일 하나에 남겨요. 그 밖에는 내가 알려 준 것(메모, 통화가 어땠는지, \
설정과 대답)과 신경망마다 내 표정을 얼마나 잘 읽었는지를 남겨요. 자세한 기록은 90일, 요약은 365일 뒤에 지워지고, 원하면 더 일찍 \
지울 수 있어요. 언제든 모두 보고, 복사하고, 지울 수 있어요.

절대 하지 않는 것
얼굴 사진을 보여 주거나, 저장하거나, 보내지 않아요. 다른 컴퓨터와 연결하지 않아요. 조명 확인, 표정 연습, 통화, 그리고 \
직접 시작한 연습이 아니면 카메라를 켜지 않아요. 소리는 절대 듣지 않아요. 통화가 저절로 시작되기를 원하면 어느 프로그램이 \
마이크를 쓰는지만 보고, 소리는 열지 않아요.

알 수 없는 것
보는 것은 얼굴이지 마음이 아니에요. 힘들어도 웃으면 기쁨으로 읽어요. 안경, 조명, 습관에 따라 다르게 읽을 수 있어요. \
누구도 이것으로 나를 평가해서는 안 되고, 스스로도 그러지 않았으면 해요.

누가 보나요
나만 봐요. 여기에서 고르지 않으면 관리자는 아무것도 받지 못하고, 골라도 지금부터 하는 통화에서 고른 것만 받아요. \
공유를 거두면 지금까지의 통화는 모두 더는 공유되지 않아요. 그래도 건네고 싶은 통화는 하나하나 확인하고 다시 건네면 돼요. \
통화를 시작해 주는 전화 프로그램에는 통화 중인지만 알려 주고, 다른 것은 알려 주지 않아요. 내보낸 기록은 모두 지난 기록 \
화면에 남아요.

관리자가 알 수 있는 것
요약에는 날짜와 시간대(밤, 오전, 오후, 저녁), 통화가 몇 분이었는지, 가장 긴장한 1분이 어땠는지, 얼마나 오래 긴장해 \
보였고 얼마 만에 가라앉았는지, 통화 동안 얼굴이 얼마나 보였는지가 들어 있어요. 곡선에는 1분마다 평균 누적값 하나가 더 들어 있어서, 언제 긴장해 보였고 \
언제 웃었는지 알 수 있어요. 이름, 시각, 읽은 표정 이름은 들어 있지 않아요. 하지만 전화 기록을 가진 사람은 하루의 통화 수와 통화 길이를 견주어 어느 통화인지, \
그리고 그것이 나라는 것을 알아낼 수도 있어요.

자유로운 선택
거절해도 이 프로그램에서 불이익은 없어요. 설정이나 "calmline consent set" 명령으로 언제든 바꾸거나 거둘 수 있어요.
""",
}


def consent_text(language: str) -> str:
    """The whole text in `language` ("en" or "ko").

    Raises:
        KeyError: there is no text in that language; nobody can agree to what they cannot read.
    """
    return _TEXTS[language]


def text_in_use() -> ConsentText:
    """The text as it is shown now."""
    language = current_language()
    return ConsentText(CONSENT_TEXT_VERSION, language, consent_text(language))
