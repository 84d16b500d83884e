#include "ui/bridge/race_runner.h"

#include <QFile>
#include <QThread>
#include <algorithm>
#include <atomic>

#include "engine/config/run_spec_json.h"
#include "engine/events/recording.h"

namespace rondo::ui {

namespace {

constexpr int kMostSaid = 4096;
/// Bounds memory: 250 MB at most.
constexpr std::size_t kMostSpans = 3'000'000;

}  // namespace

/// What a thread reads from the files of a run.
struct RaceRunner::Read {
    std::atomic<bool> unwanted = false;
    RunSpec spec;
    int batches = 1;
    QString recording, report, weights;
    RaceRun run;

    void work() {
        std::vector<Span> spans;
        const auto all = readEvents(recording.toStdString(), [&](std::vector<Event>& events) {
            bool past = false;
            for (const Event& event : events) {
                if (const auto* span = std::get_if<Span>(&event))
                    if (span->step < batches + 2 && spans.size() < kMostSpans) spans.push_back(*span);
                // Spans of a step reach the file with those of the next at the latest.
                if (const auto* step = std::get_if<StepCompleted>(&event))
                    past = past || step->step > batches + 2;
            }
            return !past && !unwanted;
        });
        if (unwanted) return;
        QFile in(report);
        run = RaceRun::of(spec, batches, spans, in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray());
        if (!all) run.problem = QString::fromStdString(all.error());
        if (!run.problem.isEmpty() || weights.isEmpty()) return;
        if (auto read = readWeights(weights)) run.weights = std::move(*read);
    }
};

RaceRunner::RaceRunner(QString program, QObject* parent) : QObject(parent), program_(std::move(program)) {
    qRegisterMetaType<std::vector<RaceRun>>();
}

RaceRunner::~RaceRunner() {
    cancel();
    for (QProcess* process : findChildren<QProcess*>()) process->waitForFinished(500);
    for (QThread* thread : threads_) {
        thread->disconnect(this);
        thread->wait();
        delete thread;
    }
}

QString RaceRunner::path(const char* name) const {
    return folder_->filePath(QString::number(runs_.size()) + QLatin1String(name));
}

void RaceRunner::start(std::vector<RunSpec> specs, int batches) {
    cancel();
    specs_ = std::move(specs);
    batches_ = batches;
    folder_ = std::make_unique<QTemporaryDir>();
    next();
}

void RaceRunner::cancel() {
    if (process_) {
        QProcess* unwanted = process_.release();
        unwanted->disconnect(this);
        unwanted->setParent(this);
        connect(unwanted, &QProcess::finished, unwanted, &QObject::deleteLater);
        unwanted->kill();
    }
    if (read_) read_->unwanted = true;
    read_.reset();
    runs_.clear();
    folder_.reset();
}

void RaceRunner::next() {
    if (runs_.size() == specs_.size()) {
        const auto runs = std::move(runs_);
        runs_.clear();
        folder_.reset();
        return Q_EMIT finished(runs);
    }
    const RunSpec& spec = specs_[runs_.size()];
    said_.clear();
    Q_EMIT progressed(static_cast<int>(runs_.size()), {});
    QFile settings(path(".json"));
    const QByteArray text = QByteArray::fromStdString(toText(spec));
    if (!folder_->isValid() || !settings.open(QIODevice::WriteOnly) || settings.write(text) != text.size())
        return fail(tr("its settings can't be written: %1").arg(settings.errorString()));
    settings.close();
    QStringList arguments{QStringLiteral("run"), settings.fileName(),        QStringLiteral("--record"),
                          path(".rondo"),        QStringLiteral("--report"), path(".report")};
    if (!spec.weights.modelled) arguments << QStringLiteral("--weights") << path(".safetensors");
    process_ = std::make_unique<QProcess>();
    process_->setStandardOutputFile(QProcess::nullDevice());
    connect(process_.get(), &QProcess::readyReadStandardError, this, &RaceRunner::onOutput);
    connect(process_.get(), &QProcess::finished, this, &RaceRunner::onExit);
    connect(process_.get(), &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart) fail(process_->errorString());
    });
    process_->start(program_, arguments);
}

void RaceRunner::onOutput() {
    said_ = (said_ + process_->readAllStandardError()).right(kMostSaid);
    const QString last = QString::fromUtf8(said_).trimmed().section(QLatin1Char('\n'), -1).simplified();
    if (!last.isEmpty()) Q_EMIT progressed(static_cast<int>(runs_.size()), last);
}

void RaceRunner::onExit() {
    onOutput();
    const int code = process_->exitCode();
    const bool normal = process_->exitStatus() == QProcess::NormalExit;
    process_.release()->deleteLater();
    if (!normal || code != 0) {
        const QString last = QString::fromUtf8(said_).trimmed().section(QLatin1Char('\n'), -1).left(300);
        return fail(last.isEmpty() ? tr("its process ended with code %1").arg(code) : last);
    }
    read_ = std::make_shared<Read>();
    read_->spec = specs_[runs_.size()];
    read_->batches = batches_;
    read_->recording = path(".rondo");
    read_->report = path(".report");
    if (!read_->spec.weights.modelled) read_->weights = path(".safetensors");
    QThread* thread = QThread::create([read = read_] { read->work(); });
    threads_.push_back(thread);
    connect(thread, &QThread::finished, this, [this, thread, read = read_] { onRead(thread, read); });
    thread->start();
}

void RaceRunner::onRead(QThread* thread, const std::shared_ptr<Read>& read) {
    threads_.erase(std::find(threads_.begin(), threads_.end(), thread));
    thread->deleteLater();
    if (read != read_) return;
    read_.reset();
    runs_.push_back(std::move(read->run));
    next();
}

void RaceRunner::fail(const QString& why) {
    if (process_) process_.release()->deleteLater();
    RaceRun run;
    run.problem = why;
    runs_.push_back(std::move(run));
    // Not from within a signal of the process.
    QMetaObject::invokeMethod(
        this,
        [this, count = runs_.size()] {
            if (busy() && runs_.size() == count) next();
        },
        Qt::QueuedConnection);
}

}  // namespace rondo::ui
