#include "ui/setup/stage_table.h"

#include <QFontMetricsF>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMouseEvent>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/draw/axis.h"
#include "ui/draw/focus_frame.h"
#include "ui/draw/stage_words.h"
#include "ui/panels/outcome.h"

namespace rondo::ui {

std::vector<StageRow> stageRows(const RunSpec& spec) {
    std::vector<StageRow> rows;
    if (!stagesOf(spec)) return rows;
    try {
        const ModelPlan model = planModel(spec, expectedShape(spec.data));
        const StagePlan plan = planStages(spec, model);
        for (const StageFigures& stage : stageFigures(spec, model, plan)) {
            QStringList parts;
            for (const LayerRange& part : stage.parts) parts << layersText(model, part);
            rows.push_back({parts.join(QStringLiteral(" + ")), stage.parameters, stage.seconds,
                            static_cast<double>(stage.weightBytes + stage.activationBytes)});
        }
    } catch (const BadInput&) {
        rows.clear();  // a file's data may have another shape than the settings promise
    }
    return rows;
}

std::optional<RunSpec> withCutMoved(const RunSpec& spec, int stage, int by) {
    const StagesSpec* before = stagesOf(spec);
    if (!before || stage < 1) return {};
    try {
        const ModelPlan model = planModel(spec, expectedShape(spec.data));
        const StagePlan plan = planStages(spec, model);
        if (plan.chunks() > 1 || stage >= plan.mesh.pipeline) return {};
        StagesSpec stages = *before;
        stages.cut = CutBy::Hand;
        stages.cutAt.clear();
        for (std::size_t part = 1; part < plan.parts.size(); ++part)
            stages.cutAt.push_back(plan.parts[part].first);
        const auto place = static_cast<std::size_t>(stage);
        const int begin = plan.parts[place].first + by;
        if (begin <= plan.parts[place - 1].first || begin >= plan.parts[place].end) return {};
        stages.cutAt[place - 1] = begin;
        RunSpec next = spec;
        if (auto* pipeline = std::get_if<PipelineAlgorithm>(&next.algorithm)) pipeline->stages = stages;
        if (auto* hybrid = std::get_if<HybridAlgorithm>(&next.algorithm)) hybrid->stages = stages;
        return next;
    } catch (const BadInput&) {
        return {};
    }
}

namespace {

constexpr int kColumns = 4;
constexpr double kWidths[kColumns] = {0.33, 0.26, 0.2, 0.21};  ///< of the whole

}  // namespace

/// The rows, painted: a form has room for figures, not for a table of widgets.
class StageTable::Figures final : public QWidget {
  public:
    explicit Figures(StageTable& table) : QWidget(&table), table_(table) {
        setFocusPolicy(Qt::StrongFocus);
        setAccessibleName(StageTable::tr("Stages of the pipeline"));
        setAccessibleDescription(StageTable::tr(
            "Up and Down choose a stage, Left and Right let it begin a layer earlier or later"));
    }
    QSize sizeHint() const override { return {200, lineHeight() * (static_cast<int>(lines()) + 2)}; }
    QSize minimumSizeHint() const override { return {100, sizeHint().height()}; }

  protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        const Theme& theme = table_.theme_;
        painter.setFont(captionFont(theme));
        painter.setPen(theme.mutedText);
        const QString heads[] = {StageTable::tr("Stage"), StageTable::tr("Parameters"),
                                 StageTable::tr("Time"), StageTable::tr("Memory")};
        for (int column = 0; column < kColumns; ++column) say(painter, 0, column, heads[column]);
        StageRow all;
        const double longest = table_.rows_.empty() ? 0 : slowest().seconds;
        for (std::size_t i = 0; i < table_.rows_.size(); ++i) {
            const StageRow& row = table_.rows_[i];
            const int line = static_cast<int>(i) + 1;
            all.parameters += row.parameters;
            all.seconds += row.seconds;
            all.bytes += row.bytes;
            const bool slow = static_cast<int>(i) == table_.slowest_;
            if (static_cast<int>(i) == table_.chosen_) {
                painter.fillRect(QRectF(0, line * lineHeight(), width(), lineHeight()), theme.grid);
                painter.fillRect(QRectF(0, line * lineHeight(), 3, lineHeight()), theme.accent);
            }
            if (longest > 0) {
                const QRectF place = cell(line, 2).adjusted(4, 0, 0, 0);
                const double wide = place.width() * row.seconds / longest;
                painter.fillRect(QRectF(place.right() - wide, place.bottom() - 3, wide, 2),
                                 slow ? theme.fault : theme.mutedText);
            }
            painter.setPen(table_.valid_ ? theme.text : theme.mutedText);
            QFont font = captionFont(theme);
            font.setBold(slow);
            painter.setFont(font);
            tell(painter, line, StageTable::tr("%1  %2").arg(i).arg(row.layers), row);
        }
        painter.setFont(captionFont(theme));
        painter.setPen(theme.mutedText);
        const int last = static_cast<int>(lines()) + 1;
        painter.drawLine(QPointF(0, last * lineHeight()), QPointF(width(), last * lineHeight()));
        tell(painter, last, StageTable::tr("Together"), all);
        if (hasFocus()) paintFocusFrame(painter, rect(), theme);
    }
    void mousePressEvent(QMouseEvent* event) override {
        const int line = static_cast<int>(event->position().y()) / lineHeight() - 1;
        if (line >= 0 && line < static_cast<int>(lines())) table_.choose(line);
    }
    void keyPressEvent(QKeyEvent* event) override {
        switch (event->key()) {
            case Qt::Key_Up:
                return table_.choose(table_.chosen_ - 1);
            case Qt::Key_Down:
                return table_.choose(table_.chosen_ + 1);
            case Qt::Key_Left:
                return table_.move(-1);
            case Qt::Key_Right:
                return table_.move(+1);
            default:
                QWidget::keyPressEvent(event);
        }
    }

  private:
    const StageRow& slowest() const { return table_.rows_[static_cast<std::size_t>(table_.slowest_)]; }
    std::size_t lines() const { return table_.rows_.size(); }
    int lineHeight() const {
        return static_cast<int>(QFontMetricsF(captionFont(table_.theme_)).height()) + 5;
    }
    QRectF cell(int line, int column) const {
        double left = 0;
        for (int i = 0; i < column; ++i) left += kWidths[i] * width();
        return {left, static_cast<double>(line * lineHeight()), kWidths[column] * width(),
                static_cast<double>(lineHeight())};
    }
    void say(QPainter& painter, int line, int column, const QString& words) const {
        const QRectF place = cell(line, column).adjusted(column == 0 ? 6 : 2, 0, -2, 0);
        painter.drawText(place,
                         static_cast<int>(Qt::AlignVCenter | (column == 0 ? Qt::AlignLeft : Qt::AlignRight)),
                         QFontMetricsF(painter.font()).elidedText(words, Qt::ElideRight, place.width()));
    }
    void tell(QPainter& painter, int line, const QString& name, const StageRow& row) const {
        say(painter, line, 0, name);
        say(painter, line, 1, countText(row.parameters));
        say(painter, line, 2, durationText(row.seconds));
        say(painter, line, 3, bytesText(row.bytes));
    }

    StageTable& table_;
};

StageTable::StageTable(QWidget* parent)
    : QWidget(parent),
      figures_(new Figures(*this)),
      words_(new QLabel(this)),
      begins_(new QLabel(this)),
      earlier_(new QPushButton(this)),
      later_(new QPushButton(this)),
      measure_(new QPushButton(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 4, 0, 6);
    column->setSpacing(4);
    column->addWidget(figures_);
    words_->setWordWrap(true);
    words_->setProperty("muted", true);
    column->addWidget(words_);
    auto* line = new QHBoxLayout;
    line->setSpacing(6);
    line->addWidget(begins_, 1);
    line->addWidget(earlier_);
    line->addWidget(later_);
    column->addLayout(line);
    earlier_->setText(tr("Earlier"));
    later_->setText(tr("Later"));
    earlier_->setToolTip(tr("The chosen stage takes a layer from the one before it (Left)"));
    later_->setToolTip(tr("The chosen stage gives a layer to the one before it (Right)"));
    column->addWidget(measure_, 0, Qt::AlignLeft);
    for (QPushButton* button : {earlier_, later_, measure_}) {
        button->setFocusPolicy(Qt::StrongFocus);
        button->setStyleSheet(QStringLiteral("QPushButton { padding: 1px 10px; }"));  // among lines of text
    }
    connect(earlier_, &QPushButton::clicked, this, [this] { move(-1); });
    connect(later_, &QPushButton::clicked, this, [this] { move(+1); });
    connect(measure_, &QPushButton::clicked, this, &StageTable::measureWanted);
    setMeasuring(false);
}

void StageTable::setMeasuring(bool on) {
    measure_->setText(on ? tr("Measuring … cancel") : tr("Measure the layers"));
    measure_->setToolTip(
        tr("Trains a micro-batch through each layer on this computer, and types the times it "
           "takes in under Cluster"));
}

void StageTable::setTheme(const Theme& theme) {
    theme_ = theme;
    figures_->updateGeometry();
    figures_->update();
}

void StageTable::present(const RunSpec& spec, bool valid) {
    valid_ = valid;
    if (valid) {
        spec_ = spec;
        rows_ = stageRows(spec);
    }
    refresh();
}

void StageTable::refresh() {
    const int count = static_cast<int>(rows_.size());
    chosen_ = std::clamp(chosen_, 0, std::max(0, count - 1));
    double all = 0;
    slowest_ = 0;
    for (int i = 0; i < count; ++i) {
        const auto place = static_cast<std::size_t>(i);
        all += rows_[place].seconds;
        if (rows_[place].seconds > rows_[static_cast<std::size_t>(slowest_)].seconds) slowest_ = i;
    }
    if (!valid_)
        words_->setText(tr("As before: what is wrong above can't run."));
    else if (count > 0 && all > 0)
        words_->setText(tr("Stage %1 is the slowest: %2 of the time; even shares would be %3.")
                            .arg(QString::number(slowest_),
                                 percentText(rows_[static_cast<std::size_t>(slowest_)].seconds / all),
                                 percentText(1.0 / count)));
    begins_->setText(tr("Stage %1 begins").arg(chosen_));
    earlier_->setEnabled(valid_ && withCutMoved(spec_, chosen_, -1));
    later_->setEnabled(valid_ && withCutMoved(spec_, chosen_, +1));
    figures_->updateGeometry();
    figures_->update();
}

std::vector<QWidget*> StageTable::tabOrder() const {
    return {figures_, earlier_, later_, measure_};
}

QString StageTable::words() const {
    return words_->text();
}

void StageTable::choose(int stage) {
    chosen_ = stage;
    refresh();
}

void StageTable::move(int by) {
    if (!valid_) return;
    if (const auto next = withCutMoved(spec_, chosen_, by)) Q_EMIT cutWanted(*next);
}

}  // namespace rondo::ui
