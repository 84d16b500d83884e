#pragma once

#include <QString>

#include "ui/bridge/join_process.h"

namespace rondo::ui {

// What a person who joins or watches a class is told. Pure, tested without a window.

enum class Entry { Incomplete, Wrong, Right };

/// What has been typed so far, judged while one types: `words` stand below the field.
struct Judged {
    Entry entry = Entry::Incomplete;
    QString words;
};
Judged judgeAddress(const QString& typed);
bool isSecure(const QString& address);  ///< wss
Judged judgeCode(const QString& typed, bool secure, bool hasFingerprint);
/// Of a wss host's certificate: 64 hexadecimal digits, with what separates them if anything, or a file.
Judged judgeFingerprint(const QString& typed);
/// Empty: the host gives it one.
Judged judgeName(const QString& typed);

/// The address and code in a line that a host shows, "rondo-cli worker --join ws://… --code …"; empty when
/// it is no such line.
struct JoinLine {
    QString address, code;
    bool empty() const { return address.isEmpty(); }
};
JoinLine readJoinLine(const QString& pasted);

/// How it is with the class: a title, and what else there is to say.
struct CardWords {
    QString title, detail;
    bool trouble = false;  ///< nothing to be calm about
};
/// `lost`: samples that a viewer was too slow for.
CardWords cardWords(const JoinProcess& process, quint64 lost = 0);

}  // namespace rondo::ui
