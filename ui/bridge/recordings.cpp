#include "ui/bridge/recordings.h"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <algorithm>
#include <atomic>
#include <compare>
#include <iterator>
#include <limits>
#include <new>
#include <utility>

namespace rondo::ui {

namespace {
constexpr std::size_t kUsualBytesPerEvent = 8;  ///< of a file, at least
}  // namespace

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
    struct Key {
        std::int64_t at;
        std::size_t from;
        auto operator<=>(const Key&) const = default;
    };
    const auto timeOf = [](const Event& event) {
        if (std::holds_alternative<RunStarted>(event)) return std::numeric_limits<std::int64_t>::min();
        if (std::holds_alternative<RunEnded>(event)) return std::numeric_limits<std::int64_t>::max();
        return static_cast<std::int64_t>(stampOf(event).at.count());
    };
    std::vector<Key> keys;
    keys.reserve(events.size());
    for (std::size_t i = 0; i < events.size(); ++i) keys.push_back({timeOf(events[i]), i});
    std::sort(keys.begin(), keys.end());
    // The events follow in place, cycle by cycle: std::stable_sort would want half of them a second time.
    for (std::size_t start = 0; start < keys.size(); ++start) {
        if (keys[start].from == start) continue;
        Event first = std::move(events[start]);
        std::size_t to = start;
        while (keys[to].from != start) {
            events[to] = std::move(events[keys[to].from]);
            to = std::exchange(keys[to].from, to);
        }
        events[to] = std::move(first);
        keys[to].from = to;
    }
}

/// Shared by the thread that reads and the loader that may have lost interest.
struct RecordingLoader::Job {
    QString file;
    std::size_t mostEvents;
    std::atomic<bool> cancelled = false;
    std::shared_ptr<Recording> recording = std::make_shared<Recording>();
    std::string problem;  ///< why nothing could be read

    void read();
};

void RecordingLoader::Job::read() {
    std::vector<Event>& all = recording->events;
    // Room that isn't used costs nothing, moving to a larger one would need both at once.
    all.reserve(std::min(mostEvents, static_cast<std::size_t>(QFileInfo(file).size()) / kUsualBytesPerEvent));
    bool full = false;
    const auto end = readEvents(file.toStdString(), [&](std::vector<Event>& some) {
        full = all.size() + some.size() > mostEvents;
        if (full) some.resize(mostEvents - all.size());
        all.insert(all.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
        return !full && !cancelled;
    });
    if (!end) {
        problem = end.error();
    } else if (!cancelled) {
        recording->cut = end->cut;
        if (full)
            recording->cut = Problem{file.toStdString(), "has more than " + std::to_string(mostEvents) +
                                                             " events: only so many fit in the window"};
        sortByTime(all);
    }
    if (cancelled) recording.reset();  // here, not on the window's thread
}

RecordingLoader::~RecordingLoader() {
    cancel();
    for (QThread* thread : threads_) {
        thread->wait();
        delete thread;
    }
}

void RecordingLoader::cancel() {
    if (job_) job_->cancelled = true;
    job_.reset();
}

void RecordingLoader::load(const QString& file) {
    cancel();
    job_ = std::make_shared<Job>();
    job_->file = file;
    job_->mostEvents = mostEvents_;
    QThread* thread = QThread::create([job = job_] {
        try {
            job->read();
        } catch (const std::bad_alloc&) {
            job->recording.reset();
            job->problem = "There is not enough memory for it.";
        }
    });
    threads_.push_back(thread);
    connect(thread, &QThread::finished, this, [this, thread, job = job_] { onFinished(thread, job); });
    thread->start();
}

void RecordingLoader::onFinished(QThread* thread, const std::shared_ptr<Job>& job) {
    std::erase(threads_, thread);
    thread->deleteLater();
    if (job != job_) return;
    job_.reset();
    if (job->problem.empty())
        Q_EMIT loaded(job->file, job->recording);
    else
        Q_EMIT failed(job->file, QString::fromStdString(job->problem));
}

}  // namespace rondo::ui
