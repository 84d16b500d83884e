#pragma once

#include <QElapsedTimer>
#include <QPixmap>
#include <QStringList>
#include <QTimer>
#include <QWidget>
#include <optional>

#include "ui/draw/message_dots.h"
#include "ui/draw/stage_words.h"
#include "ui/draw/theme.h"
#include "ui/draw/topology_layout.h"
#include "ui/store/focus.h"
#include "ui/store/lookup.h"

class QPushButton;

namespace rondo::ui {

/// Who talks to whom: workers on a circle, or in lines as stages of a pipeline, each a card with what it does
/// now, and a band per direction of every link whose width is the rate. Dots travel only for messages that
/// really arrived; of a crowd, for some of them. With a cursor set, the cards show that moment. Who is struck
/// by a fault carries a badge as long as it lasts, and a line at the bottom says what follows. Click or arrow
/// keys select a worker, L goes through its links. While there is no run, a graph of gossip's own pairs is
/// drawn here: from worker to worker by dragging, a selected link is removed by Delete; others carry that
/// change out. Thread: GUI only.
class TopologyView final : public QWidget {
    Q_OBJECT
  public:
    TopologyView(const RunStore& store, Focus& focus, QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    /// While there is nothing to show: whether it will come when the person here presses Run.
    void setInvites(bool toRun);
    /// The settings whose topology is drawn while there is no run.
    void setPreview(const RunSpec& spec);
    QSize sizeHint() const override { return {560, 430}; }
    QSize minimumSizeHint() const override { return {280, 200}; }

  Q_SIGNALS:
    /// About what is selected.
    void menuWanted(const QPoint& globalPlace);
    void linkDrawn(int a, int b);
    void linkRemoved(int a, int b);
    /// The graph shown shall become one that can be drawn on.
    void editWanted();

  public:
    /// Links can be drawn and removed here now.
    bool drawable() const;
    /// Whose card is there.
    std::optional<int> rankAt(QPointF point) const { return layout_.cardAt(point); }

  protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

  private:
    /// What a card says of its worker: at the cursor if there is one, else the latest known.
    struct Doing {
        std::optional<Phase> phase;
        QString words;
        int step = kNone;
        PhaseShares shares;
    };
    const RunSpec& shownSpec() const;
    void takeSettings();  ///< what the algorithm says of itself: of a thousand workers that is long work
    void onChanged(const RunStore::Changes& changes);
    void relayout();
    void refreshDots();
    void moveSelection(Qt::Key key);
    void moveAlongLinks();
    void openMenuByKey();
    bool removeSelectedLink();
    std::optional<LinkId> linkAt(QPointF point) const;
    QString tipAt(QPointF point) const;
    QString faultTipOf(int rank) const;
    QString faultTipOf(LinkId link) const;
    double momentShown() const;  ///< run seconds

    void paintBackground();
    void paintLinks(QPainter& painter) const;
    void paintDots(QPainter& painter);
    void paintFrames(QPainter& painter) const;
    void paintCard(QPainter& painter, int rank) const;
    void paintPartCard(QPainter& painter, int rank, const Doing& doing, bool failed) const;
    void paintNumbers(QPainter& painter) const;
    void paintShares(QPainter& painter, const QRectF& bar, const PhaseShares& shares) const;
    void paintWords(QPainter& painter) const;
    void paintFaultedLinks(QPainter& painter) const;
    void paintFaultBadges(QPainter& painter) const;
    void paintFaultBadge(QPainter& painter, int rank, const FaultHappened& fault) const;
    void paintDrawnLink(QPainter& painter) const;
    void paintNotes(QPainter& painter) const;
    void paintLinkMarks(QPainter& painter) const;
    QRectF markAround(QPointF middle, const QString& words) const;
    void paintMark(QPainter& painter, QPointF middle, const QString& words) const;
    double rateOf(LinkId link) const;
    bool isPaired(LinkId link) const;
    Doing doingOf(int rank) const;
    QString nameOf(int rank) const;  ///< in the words of its card
    double titleHeight() const;
    /// Lines at the bottom: what the graph comes to, how to draw on it, what is wrong.
    QStringList notes() const;
    QString faultNote() const;
    bool showsFaults() const;
    double noteHeight() const;
    QRectF canvas() const;  ///< between title and notes
    void placeNotes();

    const RunStore& store_;
    Focus& focus_;
    Theme theme_ = Theme::light();
    RunSpec preview_;
    std::vector<LinkId> promised_;     ///< links the settings promise
    QString picture_;                  ///< how the ranks stand to one another, in words
    std::optional<StageWords> parts_;  ///< of a model in parts: who has what
    int servers_ = 0;
    int workers_ = 0;    ///< as many of the cards; the rest are servers
    QString agreement_;  ///< of gossip: how fast the graph shown comes to one
    QPushButton* edit_;
    std::optional<int> drawnFrom_;  ///< the worker at which a link that is being drawn begins
    QPointF drawnTo_;
    TopologyLayout layout_;
    QPixmap background_, dot_;
    bool backgroundStale_ = true;
    bool invites_ = true;
    std::size_t linksUsed_ = 0;
    quint64 messagesTaken_ = 0;
    MessageDots dots_;
    QElapsedTimer clock_;
    QTimer frame_;  ///< runs only while dots are under way
};

}  // namespace rondo::ui
