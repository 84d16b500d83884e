#pragma once

#include <QHash>
#include <QMainWindow>
#include <QTimer>
#include <memory>

#include "ui/bridge/run_controller.h"
#include "ui/draw/theme.h"
#include "ui/room/room_keeper.h"
#include "ui/setup/presets.h"
#include "ui/setup/settings_document.h"
#include "ui/store/focus.h"
#include "ui/store/kept_runs.h"
#include "ui/window/frame_clock.h"
#include "ui/window/session.h"
#include "ui/window/top_bar.h"

class QSplitter;
class QTabWidget;

namespace rondo::ui {

class BandwidthView;
class BoundaryView;
class ChunkView;
class ClassPanel;
class ComparisonPanel;
class ConsensusView;
class CompressionPanel;
class CurvePlot;
class GuessPanel;
class JoinCard;
class MessageBar;
class PresetHint;
class RacePanel;
class ResultsPanel;
class SetupForm;
class StalenessPanel;
class StepTimeView;
class TimelineView;
class TopologyView;
class TransportKeys;

/// The window: puts the panes together and ties them to one store, one focus, one controller and one
/// document.
class MainWindow final : public QMainWindow {
    Q_OBJECT
  public:
    struct Places {
        EngineProcess::Program engine;
        QString resources;    ///< empty: none found
        QString recordings;   ///< folder for this person's recordings
        QString sessionFile;  ///< empty: the person's own
    };
    explicit MainWindow(Places places, QWidget* parent = nullptr);
    ~MainWindow() override;

    /// What was there last time, or the welcome run. Reads nothing slow; a recording comes in later, unless
    /// `recording` is false: another one, or a run, is about to take its place.
    void restoreSession(bool recording = true);
    /// Settings or a recording; what is wrong with it goes to the message bar.
    /// `play`: a recording starts from its beginning instead of being shown whole.
    void openFile(const QString& file, bool play = false);
    void startRun();
    /// This computer trains for the class of another one.
    void join(const JoinPlace& place);
    /// Its runs are shown here.
    void watch(const JoinPlace& place);
    void setTheme(const Theme& theme);

    RunStore& store() { return store_; }
    RunController& controller() { return controller_; }
    JoinProcess& worker() { return worker_; }
    RoomKeeper& room() { return room_; }
    SettingsDocument& document() { return document_; }
    MessageBar& messages() { return *messages_; }
    GuessPanel& guess() { return *guess_; }
    SetupForm& setup() { return *setup_; }
    KeptRuns& kept() { return kept_; }
    TopBar& topBar() { return *topBar_; }

  Q_SIGNALS:
    /// The first frame has reached the screen.
    void firstFramePainted();

  protected:
    bool event(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;
    void closeEvent(QCloseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

  private:
    void makeActions();
    void makePanes();
    void orderTabs();
    void makeMenus();
    void makePresetsMenu();
    void fillTopologyMenu();
    void fillRecentMenu();
    void connectParts();
    void makeComparison();
    void makeRace();
    void makeJoining();
    void makeClass();
    void showRoom();
    void showWorlds();
    void goToClass();
    bool labIsReady();  ///< else it has been said what to do
    void askForClass(JoinProcess::Role role);
    void keepClass(const JoinPlace& place);
    void connectCanvas();
    void fillDrawingMenu(QMenu& menu);

    /// False, with a message, when the settings can't run. Else the window is cleared for a run of them.
    bool prepareRun();
    void saveCheckpoint();
    void resumeCheckpoint();
    /// The screen is cleared for a run of these settings.
    void beginRun(const RunSpec& spec);
    void runOrPause();
    void step();
    void replay();
    void onNewSettings();
    void restoreSettings();
    void openWelcomeRecording();
    void restoreGuess();
    bool openSettings(const QString& file);
    bool saveSettings(const QString& file);
    QString usualFolder() const;
    void keepSettingsNow();
    void openByDialog();
    bool save();
    bool saveAs();
    void openPreset(const Preset& preset);
    void showViews(const QStringList& names);
    bool mayLoseSettings();
    void showShortcuts();
    void showAbout();

    void onController();
    void onStore(const RunStore::Changes& changes);
    void onDocument();
    void onRecording(const QString& file);
    void onRecordingRefused(const QString& file);
    void onRunEnded();
    void onGuess();
    void showTitle();
    void showHealth();
    QString statusText() const;
    QString statusBrief() const;  ///< for where there is little room
    void showOutcome();
    void showGuess();
    void showNextRun();
    void blameSetting();
    void keepRun();
    void runReference();
    void keepReference();
    void showComparison();
    const RunSpec& comparedSpec() const;  ///< of what is shown, else of what would run
    void keepLayout();

    Places places_;
    Session session_;
    RunStore store_;
    KeptRuns kept_;
    Focus focus_;
    RunController controller_;
    JoinProcess worker_;  ///< of the class of another computer
    RoomKeeper room_{controller_.engine()};
    SettingsDocument document_;
    FrameClock frameClock_;
    Theme theme_ = Theme::light();
    QHash<QString, QByteArray> seen_;  ///< fingerprints of files when they were last read or written
    QString restoring_;                ///< last time's recording, while it is on its way
    bool welcome_ = false;             ///< there was no last time
    bool unasked_ = false;             ///< the recording on its way was not chosen by the person
    bool guessCounts_ = true;          ///< the guess was made before what is on the screen began
    bool keepWhenOver_ = false;        ///< the run under way is a reference
    RunSpec running_;                  ///< of the latest live run
    QString cantRun_;                  ///< the message that tells so, while it is true
    bool painted_ = false;
    bool slowedForReplay_ = false;  ///< the speed is ours, not the person's
    std::size_t noticesShown_ = 0, worldsShown_ = 0;
    QString noLab_;  ///< the message that the room isn't ready for these settings, while it is true
    QTimer keepSettings_, health_;

    std::unique_ptr<TransportKeys> keys_;
    TopBar* topBar_ = nullptr;
    MessageBar* messages_ = nullptr;
    PresetHint* hint_ = nullptr;
    JoinCard *joinCard_ = nullptr, *watchCard_ = nullptr;
    GuessPanel* guess_ = nullptr;
    SetupForm* setup_ = nullptr;
    TopologyView* topology_ = nullptr;
    CurvePlot* curves_ = nullptr;
    BandwidthView* bandwidth_ = nullptr;
    StepTimeView* stepTimes_ = nullptr;
    BoundaryView* boundary_ = nullptr;
    ConsensusView* consensus_ = nullptr;
    ResultsPanel* results_ = nullptr;
    TimelineView* timeline_ = nullptr;
    ComparisonPanel* compare_ = nullptr;
    ChunkView* chunks_ = nullptr;
    CompressionPanel* compression_ = nullptr;
    StalenessPanel* staleness_ = nullptr;
    RacePanel* race_ = nullptr;
    ClassPanel* class_ = nullptr;
    QTabWidget *tabs_ = nullptr, *bottom_ = nullptr;
    QWidget* side_ = nullptr;
    QSplitter *columns_ = nullptr, *rows_ = nullptr, *charts_ = nullptr;
    QLabel *nextRun_ = nullptr, *labText_ = nullptr, *roomText_ = nullptr;
    QLabel *frameText_ = nullptr, *eventsText_ = nullptr, *droppedText_ = nullptr;
    QMenu *topologyMenu_ = nullptr, *presetsMenu_ = nullptr, *recentMenu_ = nullptr;
    QAction *run_ = nullptr, *step_ = nullptr, *stop_ = nullptr, *reset_ = nullptr, *replay_ = nullptr;
    QAction *saveCheckpoint_ = nullptr, *resumeCheckpoint_ = nullptr;
    QAction *join_ = nullptr, *watch_ = nullptr;
    QAction *keep_ = nullptr, *reference_ = nullptr;
    QAction *host_ = nullptr, *showCode_ = nullptr, *copyLine_ = nullptr, *closeRoom_ = nullptr;
    QAction *undo_ = nullptr, *redo_ = nullptr;
    QActionGroup* themes_ = nullptr;
};

}  // namespace rondo::ui
