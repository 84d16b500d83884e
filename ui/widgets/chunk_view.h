#pragma once

#include <QTimer>
#include <QWidget>

#include "ui/draw/chunk_subject.h"
#include "ui/draw/theme.h"
#include "ui/store/run_store.h"
#include "ui/widgets/chunk_grid.h"

class QComboBox;
class QLabel;
class QSlider;
class QToolButton;

namespace rondo::ui {

/// A collective as it fills each rank's chunks, round by round: that of the run under way, else that of the
/// settings, or any other between the same workers. What is shown is the collective's own code, run in
/// virtual time on the cluster of the settings. Keys: left and right a round, Home and End; played, a round
/// a second. Thread: GUI only.
class ChunkView final : public QWidget {
    Q_OBJECT
  public:
    explicit ChunkView(const RunStore& store, QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    /// The settings that count while no run is under way.
    void setPreview(const RunSpec& spec);
    /// How long a round stays when it is played.
    void setRoundMs(int milliseconds) { pace_.setInterval(milliseconds); }

    std::size_t done() const { return done_; }
    std::size_t rounds() const { return history_ ? history_->rounds.size() : 0; }
    void setDone(std::size_t done);
    bool playing() const { return pace_.isActive(); }
    void play(bool on);
    QString words() const;  ///< all that is said beside the picture, or instead of it
    QSize minimumSizeHint() const override;

  protected:
    void keyPressEvent(QKeyEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

  private:
    const RunSpec& shownSpec() const;
    void follow();
    void showSubject();
    void showRound();

    const RunStore& store_;
    Theme theme_ = Theme::light();
    RunSpec preview_;
    ChunkSubject subject_;
    std::optional<ChunkHistory> history_;
    std::size_t done_ = 0;
    bool stale_ = true;  ///< settings may have changed while nobody looked
    QTimer pace_;
    ChunkGrid* grid_;
    QComboBox* choice_;
    QLabel *phase_, *deed_, *time_, *note_;
    QSlider* slider_;
    QToolButton *first_, *back_, *next_, *last_, *play_;
    QWidget* said_;
};

}  // namespace rondo::ui
