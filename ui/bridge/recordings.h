#pragma once

#include <QObject>
#include <QString>
#include <QStringList>
#include <QThread>
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
    using QObject::QObject;
    ~RecordingLoader() override;
    /// One at a time: a load under way is waited for and its outcome dropped.
    void load(const QString& file);
    bool loading() const { return thread_ != nullptr; }

  Q_SIGNALS:
    /// `cut` is empty, or says why reading ended early.
    void loaded(const QString& file, const std::vector<rondo::Event>& events, const QString& cut);
    void failed(const QString& file, const QString& why);

  private:
    void finishThread();
    QThread* thread_ = nullptr;
    int generation_ = 0;
};

/// Stable order by run time; the first event of the run stays first and its end last, whatever their stamps.
void sortByTime(std::vector<Event>& events);

}  // namespace rondo::ui
