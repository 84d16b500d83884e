#include "ui/bridge/join_process.h"

#include <algorithm>
#include <cstring>

namespace rondo::ui {

namespace {

constexpr int kMostComplaints = 4096, kLongestLine = 1 << 16;
constexpr int kLeaveMs = 3000;     ///< to say goodbye to the host, before it is made to go
constexpr int kAtTheEndMs = 1500;  ///< the window is hidden already

QString textOf(const std::string& text) {
    return QString::fromStdString(text);
}

/// Nobody listens to it any more; it goes by itself, or is made to.
void partWith(QProcess* process) {
    process->closeWriteChannel();
    if (process->state() == QProcess::NotRunning) return process->deleteLater();
    QObject::connect(process, &QProcess::finished, process, &QObject::deleteLater);
    QTimer::singleShot(kLeaveMs, process, &QProcess::kill);
}

}  // namespace

JoinProcess::JoinProcess(Role role, QString program, QObject* parent)
    : QObject(parent), role_(role), program_(std::move(program)) {
    again_.setSingleShot(true);
    connect(&again_, &QTimer::timeout, this, &JoinProcess::start);
}

JoinProcess::~JoinProcess() {
    if (!process_) return;
    process_->disconnect(this);
    process_->closeWriteChannel();
    if (process_->state() != QProcess::NotRunning && !process_->waitForFinished(kAtTheEndMs)) {
        process_->kill();
        process_->waitForFinished(500);
    }
}

void JoinProcess::join(const JoinPlace& place) {
    letGo();
    place_ = place;
    everJoined_ = false;
    tries_ = 0;
    start();
}

void JoinProcess::leave() {
    letGo();
    endUp({}, true);
}

void JoinProcess::giveUp(const QString& why) {
    if (process_) process_->kill();
    letGo();
    endUp(why, false);
}

void JoinProcess::dialNow() {
    if (state_ == State::Lost && again_.isActive()) start();
}

void JoinProcess::letGo() {
    again_.stop();
    if (!process_) return;
    process_->disconnect(this);
    process_->setParent(nullptr);
    partWith(std::exchange(process_, nullptr));
}

void JoinProcess::start() {
    again_.stop();
    unread_.clear();
    complaints_.clear();
    lastWords_.reset();
    part_.reset();
    process_ = new QProcess(this);
    connect(process_, &QProcess::readyReadStandardError, this, &JoinProcess::hear);
    connect(process_, &QProcess::readyReadStandardOutput, this,
            [this] { Q_EMIT received(process_->readAllStandardOutput()); });
    connect(process_, &QProcess::finished, this, &JoinProcess::onExit);
    connect(process_, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart) onExit();
    });
    QStringList arguments{role_ == Role::Worker ? QStringLiteral("worker") : QStringLiteral("watch"),
                          QStringLiteral("--join"),
                          place_.address,
                          QStringLiteral("--code"),
                          QStringLiteral("-"),
                          QStringLiteral("--json"),
                          QStringLiteral("--leave-on-eof")};
    if (role_ == Role::Viewer) arguments << QStringLiteral("--stream") << QStringLiteral("--quiet");
    if (!place_.name.isEmpty()) arguments << QStringLiteral("--name") << place_.name;
    if (!place_.fingerprint.isEmpty()) arguments << QStringLiteral("--fingerprint") << place_.fingerprint;
    QProcess* const child = process_;
    Q_EMIT streamBegins();
    become(State::Dialling);
    if (process_ != child) return;  // whoever listened has let it go
    child->start(program_, arguments);
    if (process_ != child) return;  // it could not be started
    child->write(place_.code.trimmed().toUtf8() + '\n');
}

void JoinProcess::hear() {
    unread_ += process_->readAllStandardError();
    for (qsizetype end; (end = unread_.indexOf('\n')) >= 0;) {
        const QByteArray line = unread_.left(end);
        unread_.remove(0, end + 1);
        const auto news = parseJoinNews({line.constData(), static_cast<std::size_t>(line.size())});
        if (news)
            heard(*news);
        else
            complaints_ = (complaints_ + line + '\n').right(kMostComplaints);
        if (!process_) return;  // whoever listened has let it go
    }
    if (unread_.size() > kLongestLine) unread_.clear();
}

void JoinProcess::heard(const JoinNews& news) {
    switch (news.kind) {
        case JoinNews::Kind::Dialling:
            return become(State::Dialling);
        case JoinNews::Kind::Joined:
            name_ = textOf(news.name);
            everJoined_ = true;
            tries_ = 0;
            return become(State::Joined);
        case JoinNews::Kind::Training:
            part_ = Part{news.rank, news.workers, textOf(news.run)};
            return become(State::Joined);
        case JoinNews::Kind::Waiting:
            part_.reset();
            return become(State::Joined);
        case JoinNews::Kind::Lost:
            part_.reset();
            why_ = textOf(news.why);
            againIn_ = news.againIn;
            return become(State::Lost);
        case JoinNews::Kind::Over:
            lastWords_ = news;
            return;
    }
}

QString JoinProcess::complaint(const QString& how) const {
    const QString last = QString::fromUtf8(complaints_ + unread_).trimmed().section('\n', -1).left(300);
    if (how.isEmpty()) {
        // Bad input: its words are for the person who gave it.
        const QString own = QStringLiteral("rondo-cli: ");
        return last.startsWith(own) ? last.mid(own.size()) : last;
    }
    const QString words = role_ == Role::Worker
                              ? tr("The program that trains for the class ended (%1).").arg(how)
                              : tr("The program that watches ended (%1).").arg(how);
    return last.isEmpty() ? words : words + tr(" It said: %1").arg(last);
}

void JoinProcess::onExit() {
    constexpr int kBadInput = 2;
    hear();
    if (!process_) return;
    if (process_->bytesAvailable() > 0) Q_EMIT received(process_->readAllStandardOutput());
    if (!process_) return;
    QString how;
    if (process_->error() == QProcess::FailedToStart)
        how = process_->errorString();
    else if (process_->exitStatus() == QProcess::CrashExit)
        how = tr("signal %1, %2")
                  .arg(process_->exitCode())
                  .arg(QString::fromLocal8Bit(strsignal(process_->exitCode())).toLower());
    else if (process_->exitCode() != kBadInput)
        how = tr("exit code %1").arg(process_->exitCode());
    process_->disconnect(this);
    std::exchange(process_, nullptr)->deleteLater();  // it is the one that calls
    part_.reset();
    if (!lastWords_) return endUp(complaint(how), false);

    why_ = textOf(lastWords_->why);
    const bool again = role_ == Role::Viewer && everJoined_ && lastWords_->mayRetry && ++tries_ <= kMostTries;
    if (!again) return endUp(why_, lastWords_->well);
    againIn_ = std::min(1 << std::min(tries_ - 1, 3), 8);
    again_.start(againIn_ * 1000);
    become(State::Lost);
}

void JoinProcess::become(State state) {
    state_ = state;
    Q_EMIT changed();
}

void JoinProcess::endUp(const QString& why, bool well) {
    why_ = why;
    well_ = well;
    part_.reset();
    become(State::Away);
}

}  // namespace rondo::ui
