"""Refusals in people's own words: what sounds like a wish to be left alone, though it holds no keyword.

Any reasonable wording counts as a revocation (47 CFR 64.1200(a)(10)), in any language. Nothing here opts anybody out:
what is found waits for somebody to read it, so it errs on the wide side.
"""

from __future__ import annotations

import re

from connector.domain.spelling import normalise

#: How much of a message is read, in characters.
_READ = 2_000


def is_unclear_refusal(text: str) -> bool:
    """Whether a message that holds no keyword sounds like a refusal: somebody should read it."""
    said = normalise(text[:_READ])
    if _AUTOMATIC.match(said):  # a machine refuses nothing, whatever it quotes
        return False
    return _WORDS.search(said) is not None or _ANYWHERE.search(said) is not None


#: How machines begin that answer for somebody who is away.
_AUTOMATIC = re.compile(
    r"auto ?reply|auto ?response|automatic (?:reply|response)|out of office|respuesta automatica|reponse automatique"
    r"|automatische (?:antwort|nachricht)|abwesenheits\w*|risposta automatica|resposta automatica|automatisch antwoord"
    r"|autosvar|automatyczna odpowiedz|автоответ|otomatik (?:yanit|cevap)|رد تلقائي|自动回复|自動回覆"
    r"|自動返信|자동 ?응답|מענה אוטומטי|ऑटो रिप्लाई"
)

#: Whole words by language, as ``normalise`` writes them: small letters, no accents on Latin ones, no punctuation.
_BY_LANGUAGE = {
    "en": r"leave me alone"
    r"|(?:stop|quit|cease) (?:\w+ ){0,3}(?:texting|messaging|calling|contacting|emailing|sending|spamming)"
    r"|(?:stop|end) (?:the|these|this|all|your|sending|with|it|bothering|harassing)"
    r"|(?:don t|do not|dont|never|no more|not) (?:\w+ ){0,3}(?:text|message|msg|call|contact|email|mail|sms|write)\w*"
    r"|no more (?:texts?|messages?|emails?|sms|ads?)|(?:take|get) me off|remove (?:me|my)|delete (?:me|my)"
    r"|wrong (?:number|person)|not interested|unsub\w*|lose my number"
    r"|i (?:didn t|did not|never) (?:sign|subscribe)\w*|opt(?:ing|ed)? (?:me )?out|spam\w*|harass\w*|lawyer"
    r"|report you|who is this and why|make (?:this|it|these) stop|no longer (?:wish|want)",
    "es": r"dej(?:a|e|en)(?:me|nos)? (?:de|en paz)|no (?:me )?(?:escriban?|molesten?|llamen?|manden?|envien?)"
    r"|no quiero|(?:borr|quit|elimin|saqu)\w*(?:me| mi (?:numero|telefono))|dar(?:me|nos)? de baja"
    r"|den(?:me)? de baja|basta de",
    "pt": r"par(?:e|em|a)? de (?:\w+ )?(?:mandar|enviar|escrever|ligar|me)"
    r"|nao (?:me )?(?:envie\w*|mande\w*|quero|ligue\w*)|me (?:tir[ae]|remov|exclu)\w*"
    r"|(?:me deix\w+|deix\w+ me) em paz|(?:apag|exclu|remov)\w* (?:o )?meu|chega de"
    r"|cancelar (?:a |minha )?(?:inscricao|assinatura)",
    "fr": r"arretez|laiss\w+ (?:moi|nous)|ne (?:m|me) (?:\w+ )?(?:contact|envo|ecri|appel)\w*|desabonn\w*|veux plus"
    r"|(?:plus|pas) de (?:messages|sms|pub\w*)|(?:supprim|retir|enlev|effac)\w+ (?:moi|mon numero|mes)|marre de",
    "de": r"lass(?:en sie|t)? mich|keine (?:nachrichten|sms|werbung|mails?) mehr"
    r"|nicht mehr (?:schreiben|anrufen|senden)"
    r"|(?:schreib|ruf|kontaktier)\w* (?:sie )?(?:mir|mich) (?:bitte )?(?:nicht mehr|nie wieder)|abbestellen"
    r"|(?:nehm|streich)\w* (?:sie )?mich|losch\w* (?:sie )?(?:mich|meine)"
    r"|mich (?:\w+ ){0,2}(?:abmelden|austragen)|ho?r(?:en sie|t)? auf",
    "it": r"non (?:mi )?(?:scriv|contatt|mand|invi|chiam)(?:ete|ate|are|ere)\w*|lasciate?(?:mi|ci)|non voglio piu"
    r"|(?:toglie|cancella|rimuov|elimina)\w*(?:mi\b| il mio)"
    r"|smett\w+ di (?:scriver|mandar|inviar|contattar|chiamar)\w*|basta (?:con|sms|messaggi|pubblicita)"
    r"|disiscriv\w+",
    "nl": r"laat (?:me|mij) met rust"
    r"|(?:stop|hou|houd)(?: op)? met (?:\w+ ){0,2}(?:sturen|berichten|mailen|bellen|appen)"
    r"|geen (?:\w+ )?(?:berichten|reclame|sms\w*|mails?) meer|niet meer (?:bellen|sturen|mailen|appen|schrijven)"
    r"|haal (?:me|mij)|verwijder (?:me|mij|mijn)|(?:me|mij) (?:\w+ )?(?:afmelden|uitschrijven)",
    "sv da no": r"(?:lamna|lad|la) (?:mig|meg) (?:\w+ )?i fred"
    r"|sluta (?:\w+ )?(?:skick|sms|ring|mejl|kontakt|skriv)\w*"
    r"|(?:stop med at|slutt a) (?:\w+ )?(?:send|skriv|ring|kontakt|sms|mas)\w*"
    r"|(?:kontakta?|skriv) (?:mig|meg) (?:inte|ikke)"
    r"|(?:inga|ikke|ingen|inte) (?:\w+ )?(?:fler\w*|mer) (?:\w+ )?(?:meddeland|besked|melding|sms|rekla|mejl|mail)\w*"
    r"|(?:ta bort|fjern|slett?) (?:mig|meg|mitt|mit|nummer\w*)"
    r"|(?:inte|ikke) (?:kontakt|skriv|ring)\w* (?:\w+ )?(?:mig|meg)",
    "pl": r"(?:zostaw|daj)\w* mn?i\w* (?:\w+ )?spok\w+|przestan\w* (?:\w+ ){0,2}(?:pisac|dzwonic|wysyłac)"
    r"|nie chce wiecej|nie (?:\w+ ){0,2}(?:pisz|dzwon|wysył)\w* (?:\w+ ){0,3}wiecej"
    r"|(?:usun|wypisz|skresl)\w* (?:moj|mnie)|dosc teg\w*",
    "ru": r"остав\w+ меня"
    r"|(?:прекратит|перестаньт|хватит)\w* (?:мне |меня )?(?:пис|звон|присыл|слат|шл|спам|беспоко)\w*"
    r"|не (?:пиш|звон|присыл|шл|беспоко)\w* (?:\w+ ){0,2}больше|больше не (?:пиш|звон|присыл|шл|беспоко)\w*"
    r"|не хочу (?:больше )?получать|удалит\w+ (?:мой|меня)|отпи(?:шит|сат|ск)\w*|спам\w*",
    "tr": r"rahat birak\w*|mesaj (?:atma|gonderme|yollama)\w*|almak istemi\w*|bir daha (?:ara|yaz|mesaj)\w*"
    r"|numarami sil\w*|listeden cik\w*|aboneligi\w* iptal",
}  # fmt: skip
_WORDS = re.compile(rf"\b(?:{'|'.join(_BY_LANGUAGE.values())})\b")

#: Where words aren't set apart by blanks, take prefixes, or hold signs that a pattern does not count as letters.
_BY_SCRIPT = {
    "ar": r"اتركو?ني|توقفوا? عن (?:إرسال|ارسال|الاتصال|مراسل)|لا ترسل|لا (?:أريد|اريد) (?:أي |المزيد|رسائل)"
    r"|احذفو?ا? رقمي|(?:أزيلو|ازيلو|احذفو|أزل|احذف)ني|لا تتصل|(?:إلغاء|الغاء) الاشتراك",
    "he": r"עזבו? אותי|תפסיקו? ל|אל תשלח|אל תתקשר|תמחקו? (?:אותי|את המספר)|(?:תורידו?|תסירו?|הסירו?|להסיר) אותי"
    r"|לא רוצה (?:לקבל|יותר)|ספאם",
    "hi": r"मैसेज (?:मत|ना|न) भेज|भेजना बंद|परेशान मत|नंबर (?:हटा|मिटा|डिलीट)|(?:मैसेज|विज्ञापन) नहीं चाहिए"
    r"|(?:message|msg|sms|call) mat\b|mat bhej|pareshan mat",
    "zh": r"(?:别|別|不要|请勿|請勿)(?:再)?(?:给我|給我)?(?:发|發|联系|聯繫|聯絡|打扰|打擾|骚扰|騷擾|推送)|不要再"
    r"|别再|別再|不想再?(?:收|接)|[删刪]除我|把我.{0,8}(?:删|刪|移)|(?:我要|请|請)退[订訂]"
    r"|退[订訂](?:这|這|所有|全部)|取消[订訂][阅閱]|投诉|投訴|骚扰|騷擾|停止发送|停止發送",
    "ja": r"送らないで|送るのをやめ|配信を?(?:停止|やめ|止め)|連絡し(?:ないで|てこない)|番号を(?:削除|消)|迷惑|退会"
    r"|(?:購読|登録)解除|(?:広告|メール|メッセージ|配信)は(?:もう)?(?:いりません|いらない|不要)|やめてください",
    "ko": r"(?:보내지|연락하지|문자하지) ?마|그만 ?(?:보내|연락|하세요)|받고 싶지 않|번호(?:를)? ?삭제|수신 ?거부"
    r"|스팸|(?:다시는|더 이상) ?(?:연락|전화|문자)",
}  # fmt: skip
_ANYWHERE = re.compile("|".join(_BY_SCRIPT.values()))
