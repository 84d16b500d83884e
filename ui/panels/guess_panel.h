#pragma once

#include <QFrame>
#include <optional>

#include "ui/panels/outcome.h"

class QDoubleSpinBox;
class QLabel;
class QSlider;
class QStackedWidget;
class QGridLayout;

namespace rondo::ui {

/// Guess first: before a run one marks what one expects; afterwards prediction, guess and outcome stand side
/// by side. Who thought about it beforehand sees more. Nothing has to be guessed.
class GuessPanel final : public QFrame {
    Q_OBJECT
  public:
    explicit GuessPanel(QWidget* parent = nullptr);

    std::optional<double> accuracy() const;  ///< 0–1
    std::optional<double> seconds() const;
    void setGuess(std::optional<double> accuracy, std::optional<double> seconds);
    /// While a run goes on, guesses are fixed.
    void setLocked(bool locked);
    /// Prediction, guess and outcome beside each other; "Guess again" brings the sliders back.
    void showOutcome(const Outcome& outcome, const Prediction& prediction);
    /// What theory computes with, told where its figures stand.
    void setFormula(const QString& words);
    void showGuessing();
    bool showsOutcome() const;
    QString words() const;  ///< of the outcome, all of them

  Q_SIGNALS:
    /// Enter: the guess is made, the next thing is to run.
    void entered();
    void guessChanged(std::optional<double> accuracy, std::optional<double> seconds);

  protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

  private:
    QWidget* makeGuessPage();
    QWidget* makeOutcomePage();

    QStackedWidget* pages_;
    QDoubleSpinBox *accuracy_, *seconds_;
    QSlider *accuracySlider_, *secondsSlider_;
    QLabel* cells_[2][3];
    QLabel *words_, *theory_;
    QWidget* inputs_;
};

}  // namespace rondo::ui
