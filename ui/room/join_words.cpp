#include "ui/room/join_words.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QRegularExpression>

#include "engine/core/join_code.h"
#include "ui/draw/axis.h"
#include "ui/draw/rank_words.h"

namespace rondo::ui {

namespace {

QString tr(const char* words) {
    return QCoreApplication::translate("rondo", words);
}

QString sentence(QString words) {
    if (!words.isEmpty()) words[0] = words[0].toUpper();
    return words;
}

/// A part of a sentence, or a sentence of its own, closed.
QString closed(const QString& words) {
    return words.endsWith('.') || words.endsWith('!') || words.endsWith('?') ? words : words + '.';
}

QString moreCharacters(qsizetype count) {
    return count == 1 ? tr("1 more character") : tr("%1 more characters").arg(count);
}

}  // namespace

Judged judgeAddress(const QString& typed) {
    const QString address = typed.trimmed();
    if (address.isEmpty()) return {Entry::Incomplete, tr("As the host shows it: ws://192.168.1.20:7077")};
    static const QRegularExpression blank(QStringLiteral("\\s"));
    if (address.contains(blank)) return {Entry::Wrong, tr("An address has no blank in it")};
    const qsizetype scheme = address.indexOf(QStringLiteral("://"));
    const QString word = address.left(std::max<qsizetype>(scheme, 0));
    if (scheme >= 0 && word != QStringLiteral("ws") && word != QStringLiteral("wss"))
        return {Entry::Wrong, tr("It begins with ws:// or wss://, not with %1://").arg(word)};
    if (scheme >= 0 && address.size() == scheme + 3)
        return {Entry::Incomplete, tr("The name or number of the host's computer is missing")};
    return {Entry::Right, {}};
}

bool isSecure(const QString& address) {
    return address.trimmed().startsWith(QStringLiteral("wss://"));
}

Judged judgeCode(const QString& typed, bool secure, bool hasFingerprint) {
    const auto characters = charactersOfCode(typed.toStdString());
    if (!characters) {
        // The rule's own words, without what they expect: that stands here all the time.
        const QString what = QString::fromStdString(characters.problems().front().what);
        return {Entry::Wrong, sentence(what.section(';', 0, 0))};
    }
    const auto size = static_cast<qsizetype>(characters->size());
    const qsizetype shortOne = JoinCode::kSecret, longOne = shortOne + JoinCode::kFingerprint;
    if (size == 0)
        return {Entry::Incomplete, secure
                                       ? tr("Sixteen characters, or six and the fingerprint; without 0 O 1 I")
                                       : tr("Six characters, as the host shows them; without 0 O 1 I")};
    if (size < shortOne) return {Entry::Incomplete, moreCharacters(shortOne - size)};
    if (size > longOne) return {Entry::Wrong, tr("Longer than any code")};
    if (size > shortOne && !secure)
        return {Entry::Wrong, size == longOne
                                  ? tr("This is an encrypted host's code: its address begins with wss://")
                                  : tr("A code has six characters")};
    if (size == shortOne && secure && !hasFingerprint)
        return {Entry::Incomplete, tr("An encrypted host's code has ten more; or give its fingerprint")};
    if (size != shortOne && size != longOne) return {Entry::Incomplete, moreCharacters(longOne - size)};
    const auto code = readJoinCode(typed.toStdString());
    return {Entry::Right, QString::fromStdString(shown(*code))};
}

Judged judgeFingerprint(const QString& typed) {
    const QString text = typed.trimmed();
    if (text.isEmpty()) return {Entry::Right, tr("Only if the code has six characters")};
    if (QFileInfo(text).isFile()) return {Entry::Right, tr("A file")};
    QString digits = text;
    digits.remove(QRegularExpression(QStringLiteral("[\\s:]")));
    static const QRegularExpression hex(QStringLiteral("^[0-9a-fA-F]*$"));
    if (!hex.match(digits).hasMatch()) return {Entry::Wrong, tr("Neither hexadecimal digits nor a file")};
    if (digits.size() > 64) return {Entry::Wrong, tr("More than 64 digits")};
    if (digits.size() < 64) return {Entry::Incomplete, tr("%1 of 64 digits").arg(digits.size())};
    return {Entry::Right, {}};
}

Judged judgeName(const QString& typed) {
    constexpr int kMostBytes = 64;  // net/PROTOCOL.md
    if (typed.trimmed().toUtf8().size() > kMostBytes) return {Entry::Wrong, tr("Longer than 64 bytes")};
    return {Entry::Right, tr("What the host calls this computer")};
}

JoinLine readJoinLine(const QString& pasted) {
    static const QRegularExpression join(QStringLiteral("--(?:join|watch)[ =]+(\\S+)")),
        code(QStringLiteral("--code[ =]+(\\S+)"));
    return {join.match(pasted).captured(1), code.match(pasted).captured(1)};
}

CardWords cardWords(const JoinProcess& process, quint64 lost) {
    using State = JoinProcess::State;
    const bool worker = process.role() == JoinProcess::Role::Worker;
    const QString host = process.place().address.trimmed();
    switch (process.state()) {
        case State::Dialling:
            return {
                worker ? tr("Joining the class at %1").arg(host) : tr("Watching the class at %1").arg(host),
                tr("Asking the host to let this computer in …")};
        case State::Joined: {
            if (!worker) {
                QString detail = tr("What its host tells is shown here; nothing can be changed.");
                if (lost > 0)
                    detail = tr("%1 samples of this run were left out: they came faster than this computer "
                                "takes them.")
                                 .arg(countText(static_cast<qint64>(lost)));
                return {tr("Watching the class at %1").arg(host), detail};
            }
            const QString title = tr("This computer is “%1” in the class at %2").arg(process.name(), host);
            if (!process.part()) return {title, tr("Ready: waits for the host to begin a run.")};
            const auto& part = *process.part();
            const QString as = rankName(part.rank, part.workers);
            return {title, part.run.isEmpty()
                               ? tr("Trains as %1 of %2.").arg(as).arg(part.workers)
                               : tr("Trains as %1 of %2 in “%3”.").arg(as).arg(part.workers).arg(part.run)};
        }
        case State::Lost:
            return {worker ? tr("This computer has lost its class at %1").arg(host)
                           : tr("The view of the class at %1 is lost").arg(host),
                    tr("%1 It is dialled again within %2 s.")
                        .arg(closed(sentence(process.whyLost())))
                        .arg(process.againIn()),
                    true};
        case State::Away:
            break;
    }
    if (process.whyAway().isEmpty()) return {};
    const QString why = closed(sentence(process.whyAway()));
    if (process.endedWell()) return {tr("The class at %1 is over").arg(host), why};
    return {worker ? tr("This computer is not in the class at %1").arg(host)
                   : tr("The class at %1 can't be watched").arg(host),
            why, true};
}

}  // namespace rondo::ui
