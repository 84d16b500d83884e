#include "ui/bridge/recordings.h"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <algorithm>
#include <limits>
#include <memory>

namespace rondo::ui {

QStringList RecordingsFolder::newestFirst() const {
    QStringList files;
    const QDir folder(path_);
    for (const QFileInfo& file : folder.entryInfoList({QStringLiteral("*.rondo")}, QDir::Files, QDir::Time))
        files << file.absoluteFilePath();
    return files;
}

QString RecordingsFolder::newFile(const QString& runName) const {
    if (!QDir().mkpath(path_)) return {};
    const QStringList present = newestFirst();
    for (qsizetype i = kKept - 1; i < present.size(); ++i) QFile::remove(present[i]);
    QString words = runName;
    words.replace(
        QRegularExpression(QStringLiteral("[^\\w \\-]+"), QRegularExpression::UseUnicodePropertiesOption),
        QStringLiteral("_"));
    const QString stem = QDateTime::currentDateTime().toString(QStringLiteral("yyyy-MM-dd HH-mm-ss ")) +
                         words.simplified().left(60);
    QString file = QDir(path_).filePath(stem + QStringLiteral(".rondo"));
    for (int i = 2; QFile::exists(file); ++i)
        file = QDir(path_).filePath(QStringLiteral("%1 (%2).rondo").arg(stem).arg(i));
    return file;
}

bool looksLikeRecording(const QString& file) {
    QFile in(file);
    const std::string header = BlockWriter::header();
    return in.open(QIODevice::ReadOnly) && in.read(5) == QByteArray(header.data(), 5);
}

void sortByTime(std::vector<Event>& events) {
    const auto keyOf = [](const Event& event) {
        if (std::holds_alternative<RunStarted>(event)) return std::numeric_limits<std::int64_t>::min();
        if (std::holds_alternative<RunEnded>(event)) return std::numeric_limits<std::int64_t>::max();
        return static_cast<std::int64_t>(stampOf(event).at.count());
    };
    std::stable_sort(events.begin(), events.end(),
                     [&](const Event& a, const Event& b) { return keyOf(a) < keyOf(b); });
}

RecordingLoader::~RecordingLoader() {
    finishThread();
}

void RecordingLoader::finishThread() {
    if (!thread_) return;
    thread_->wait();
    delete thread_;
    thread_ = nullptr;
}

void RecordingLoader::load(const QString& file) {
    finishThread();
    const int generation = ++generation_;
    auto outcome = std::make_shared<Result<Recording>>(Recording{});
    thread_ = QThread::create([file, outcome] {
        *outcome = readRecording(file.toStdString());
        if (outcome->ok()) sortByTime(outcome->value().events);
    });
    connect(thread_, &QThread::finished, this, [this, file, outcome, generation] {
        if (generation != generation_) return;
        finishThread();
        if (!outcome->ok()) {
            Q_EMIT failed(file, QString::fromStdString(outcome->error()));
            return;
        }
        const Recording& recording = outcome->value();
        Q_EMIT loaded(file, recording.events,
                      recording.cut ? QString::fromStdString(recording.cut->text()) : QString());
    });
    thread_->start();
}

}  // namespace rondo::ui
