#pragma once

#include <QObject>
#include <QString>
#include <QStringList>
#include <QThread>
#include <memory>
#include <vector>

#include "engine/events/recording.h"

namespace rondo::ui {

/// Where runs are kept: one file a run, the newest `kKept`.
class RecordingsFolder {
  public:
    static constexpr int kKept = 20;
    explicit RecordingsFolder(QString path) : path_(std::move(path)) {}
    /// A name not taken yet, with date and run name in it; the folder is made. Removes the oldest beyond
    /// kKept − 1. Empty when the folder can't be made.
    QString newFile(const QString& runName) const;
    QStringList newestFirst() const;  ///< full paths

  private:
    QString path_;
};

/// True when the file begins like a recording.
bool looksLikeRecording(const QString& file);

/// Reads a recording on a thread of its own, events in the order of run time, so that the window stays
/// responsive.
class RecordingLoader final : public QObject {
    Q_OBJECT
  public:
    explicit RecordingLoader(std::size_t mostEvents = kMostEventsInMemory, QObject* parent = nullptr)
        : QObject(parent), mostEvents_(mostEvents) {}
    ~RecordingLoader() override;  ///< ends what is being read, within a few blocks of it
    /// A load under way is cancelled; nothing waits for its thread.
    void load(const QString& file);
    /// What is being read is not wanted any more: no signal will tell of it.
    void cancel();

  Q_SIGNALS:
    /// The receiver may move the events away: they are large, and nobody else wants them. `cut` says why
    /// reading ended early.
    void loaded(const QString& file, const std::shared_ptr<rondo::Recording>& recording);
    void failed(const QString& file, const QString& why);

  private:
    struct Job;
    void onFinished(QThread* thread, const std::shared_ptr<Job>& job);

    const std::size_t mostEvents_;
    std::shared_ptr<Job> job_;       ///< the one that is wanted
    std::vector<QThread*> threads_;  ///< those that have not ended, cancelled ones included
};

/// Stable order by run time; the first event of the run stays first and its end last, whatever their stamps.
/// Memory: 16 bytes an event beside the events.
void sortByTime(std::vector<Event>& events);

}  // namespace rondo::ui
