#pragma once

#include <QAbstractSpinBox>

namespace rondo::ui {

/// A number with up and down, which takes whatever is typed: a wrong value is told beside the field, not
/// corrected silently. Stepping stays within the limits; wide ranges go 1, 2, 5, 10 …
class NumberEdit final : public QAbstractSpinBox {
    Q_OBJECT
  public:
    struct Limits {
        double low, high;
        bool whole = false;
    };
    explicit NumberEdit(Limits limits, QWidget* parent = nullptr);
    QString typed() const { return text(); }
    void setTyped(const QString& text);
    void setPlaceholder(const QString& text);

    void stepBy(int steps) override;
    QValidator::State validate(QString&, int&) const override { return QValidator::Acceptable; }
    /// One step up or down from `value`; unbounded by limits.
    static double stepped(double value, bool up, const Limits& limits);

  Q_SIGNALS:
    void edited(const QString& text);

  protected:
    StepEnabled stepEnabled() const override { return StepUpEnabled | StepDownEnabled; }
    void wheelEvent(QWheelEvent* event) override;

  private:
    Limits limits_;
};

}  // namespace rondo::ui
