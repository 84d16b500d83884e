#pragma once

#include <QWidget>
#include <optional>

#include "engine/comm/collectives/chunk_history.h"
#include "ui/draw/chunk_layout.h"
#include "ui/draw/theme.h"

namespace rondo::ui {

/// One state of a collective: each rank's row of chunks, in each chunk a place for every rank whose values
/// may be in it, filled for those that are, and their number; a finished chunk has a tick. Over it the
/// messages of the latest round, what they brought framed. Thread: GUI only.
class ChunkGrid final : public QWidget {
    Q_OBJECT
  public:
    explicit ChunkGrid(QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    /// `groupSize` sets groups of rows apart; 0: none. Starts before the first round.
    void setHistory(ChunkHistory history, int groupSize);
    /// Words instead of a picture.
    void setNothing(const QString& why);
    /// The state after so many rounds.
    void setDone(std::size_t done);
    QSize sizeHint() const override { return {900, 200}; }
    QSize minimumSizeHint() const override;

  protected:
    void paintEvent(QPaintEvent* event) override;
    void focusInEvent(QFocusEvent*) override { update(); }
    void focusOutEvent(QFocusEvent*) override { update(); }
    bool event(QEvent* event) override;

  private:
    ChunkLayout layout() const;
    double nameWidth() const;
    double endWidth() const;
    double headHeight() const;
    double rowPitch() const;
    QFont cellFont() const;
    QFont nameFont() const;
    bool shortNames() const;
    QString nameOf(int rank) const;
    QString endOf(int rank) const;  ///< what its row says after the last chunk
    void paintNames(QPainter& painter, const ChunkLayout& layout) const;
    void paintCell(QPainter& painter, const QRectF& cell, Contributions has, const QFont& font) const;
    void paintDone(QPainter& painter, const QRectF& cell, const QFont& font) const;
    void paintMessages(QPainter& painter, const ChunkLayout& layout) const;
    QString tipAt(QPointF point) const;

    Theme theme_ = Theme::light();
    std::optional<ChunkHistory> history_;
    int groupSize_ = 0;
    std::size_t done_ = 0;
    QString why_;
};

}  // namespace rondo::ui
