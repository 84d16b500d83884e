// Joining and watching a class from the window: what is typed, what is told, what is remembered.
#include <QAction>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QSysInfo>
#include <QTest>

#include "tests/support/fake_class.h"
#include "tests/support/made_window.h"
#include "ui/room/join_card.h"
#include "ui/room/join_dialog.h"
#include "ui/room/join_words.h"

using namespace rondo;
using namespace rondo::ui;
using Role = JoinProcess::Role;

Q_DECLARE_METATYPE(rondo::ui::Entry)

namespace {

QLineEdit* edit(QWidget& dialog, const char* name) {
    return dialog.findChild<QLineEdit*>(QLatin1String(name));
}

/// A window whose children are this very program (tests/support/fake_class.h).
std::unique_ptr<MainWindow> windowIn(const test::WindowFolder& folder) {
    auto window = std::make_unique<MainWindow>(
        MainWindow::Places{.engine = {QCoreApplication::applicationFilePath(), {"no-engine"}},
                           .resources = QStringLiteral(RONDO_ROOT "/resources"),
                           .recordings = folder.path("recordings"),
                           .sessionFile = folder.path("session.ini")});
    window->resize(1366, 768);
    window->restoreSession(false);
    window->show();
    return window;
}

QAction* action(MainWindow& window, const QString& text) {
    for (QAction* one : window.actions())
        if (one->text().remove('&') == text) return one;
    return nullptr;
}

JoinCard& card(MainWindow& window, const char* name) {
    return *window.findChild<JoinCard*>(QLatin1String(name));
}

QPushButton* button(QWidget& in, const char* name) {
    return in.findChild<QPushButton*>(QLatin1String(name));
}

}  // namespace

class TestJoinDialog final : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    // Words.

    void code_isJudgedWhileItIsTyped_data() {
        QTest::addColumn<QString>("typed");
        QTest::addColumn<bool>("secure");
        QTest::addColumn<bool>("fingerprint");
        QTest::addColumn<Entry>("entry");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const QString& typed, bool secure, bool fingerprint,
                            Entry entry, const QString& says) {
            QTest::newRow(name) << typed << secure << fingerprint << entry << says;
        };
        row("nothing", "", false, false, Entry::Incomplete, "Six characters");
        row("half", "k7m", false, false, Entry::Incomplete, "3 more characters");
        row("nearly", "K7M-Q2", false, false, Entry::Incomplete, "1 more character");
        row("small, blanks", " k7m q2x ", false, false, Entry::Right, "K7M-Q2X");
        row("a zero", "K7M0", false, false, Entry::Wrong, "No code has a 0 in it");
        row("an umlaut", "K7Ü", false, false, Entry::Wrong, "letters and digits");
        row("too long", "K7MQ2X2", false, false, Entry::Wrong, "six characters");
        row("encrypted host's", "K7M-Q2X-ABCDE-FGHJK", false, false, Entry::Wrong, "wss://");
        row("wss, long", "K7M-Q2X-ABCDE-FGHJK", true, false, Entry::Right, "K7M-Q2X-ABCDE-FGHJK");
        row("wss, too long", "K7M-Q2X-ABCDE-FGHJK2", true, false, Entry::Wrong, "Longer");
        row("wss, short", "K7M-Q2X", true, false, Entry::Incomplete, "fingerprint");
        row("wss, short, fingerprint", "K7M-Q2X", true, true, Entry::Right, "K7M-Q2X");
        row("wss, between", "K7M-Q2X-AB", true, true, Entry::Incomplete, "8 more characters");
    }
    void code_isJudgedWhileItIsTyped() {
        QFETCH(QString, typed);
        QFETCH(bool, secure);
        QFETCH(bool, fingerprint);
        QFETCH(Entry, entry);
        QFETCH(QString, says);
        const Judged judged = judgeCode(typed, secure, fingerprint);
        QVERIFY2(judged.words.contains(says), qPrintable(judged.words));
        QCOMPARE(judged.entry, entry);
    }

    void addressFingerprintAndName_areJudgedToo() {
        QCOMPARE(judgeAddress("").entry, Entry::Incomplete);
        QCOMPARE(judgeAddress("ws://").entry, Entry::Incomplete);
        QCOMPARE(judgeAddress("http://host").entry, Entry::Wrong);
        QCOMPARE(judgeAddress("ws://my host").entry, Entry::Wrong);
        QCOMPARE(judgeAddress(" ws://192.168.1.20:7077 ").entry, Entry::Right);
        QCOMPARE(judgeAddress("192.168.1.20").entry, Entry::Right);
        QVERIFY(isSecure(" wss://host") && !isSecure("ws://host"));
        QCOMPARE(judgeFingerprint("12ab").entry, Entry::Incomplete);
        QCOMPARE(judgeFingerprint(QString(64, 'a')).entry, Entry::Right);
        QCOMPARE(judgeFingerprint(QString(65, 'a')).entry, Entry::Wrong);
        QCOMPARE(judgeFingerprint("/no/such/file").entry, Entry::Wrong);
        QCOMPARE(judgeFingerprint(QString(RONDO_ROOT) + "/README.md").entry, Entry::Right);
        QCOMPARE(judgeName("Büro 7").entry, Entry::Right);
        QCOMPARE(judgeName(QString(33, QChar(0xfc))).entry, Entry::Wrong);  // 66 bytes
    }

    // The dialog.

    void codeInAnySpelling_isTakenByKeys() {
        JoinDialog dialog(Role::Worker, {}, {}, Theme::light());
        dialog.show();
        QVERIFY(QTest::qWaitForWindowActive(&dialog));
        QCOMPARE(dialog.focusWidget(), edit(dialog, "joinAddress"));
        QTest::keyClicks(dialog.focusWidget(), "ws://192.168.1.20:7077");
        QVERIFY(!dialog.complete());
        QTest::keyClick(dialog.focusWidget(), Qt::Key_Tab);
        QCOMPARE(dialog.focusWidget(), edit(dialog, "joinCode"));
        QTest::keyClicks(dialog.focusWidget(), "k7m 0");
        QVERIFY(!dialog.complete());
        QVERIFY(edit(dialog, "joinCode")->property("fault").toBool());
        QTest::keyClick(dialog.focusWidget(), Qt::Key_Return);
        QVERIFY(dialog.isVisible());
        QTest::keyClick(dialog.focusWidget(), Qt::Key_Backspace);
        QTest::keyClicks(dialog.focusWidget(), "q2x");
        QVERIFY(dialog.complete());
        QVERIFY(!edit(dialog, "joinCode")->property("fault").toBool());
        QTest::keyClick(dialog.focusWidget(), Qt::Key_Return);
        QCOMPARE(dialog.result(), static_cast<int>(QDialog::Accepted));
        QCOMPARE(dialog.place().code, QString("k7m q2x"));
        QCOMPARE(dialog.place().name, QSysInfo::machineHostName());
    }

    void fingerprint_isAskedForOfEncryptedHostsOnly() {
        JoinDialog dialog(Role::Worker, {"ws://host", "K7M-Q2X", QString(64, 'a'), {}}, {}, Theme::light());
        dialog.show();
        QVERIFY(!edit(dialog, "joinFingerprint")->isVisible());
        QVERIFY(dialog.complete() && dialog.place().fingerprint.isEmpty());
        edit(dialog, "joinAddress")->setText("wss://host");
        QVERIFY(edit(dialog, "joinFingerprint")->isVisible());
        // What is asked besides takes no room from the others.
        for (const char* name : {"joinAddress", "joinCode", "joinFingerprint", "joinName"}) {
            QTRY_VERIFY2(edit(dialog, name)->height() >= edit(dialog, name)->sizeHint().height(), name);
            const auto* words = edit(dialog, name)->parentWidget()->findChild<QLabel*>();
            QTRY_VERIFY2(words->y() >= edit(dialog, name)->geometry().bottom(), name);
        }
        QVERIFY(dialog.complete());
        QCOMPARE(dialog.place().fingerprint, QString(64, 'a'));
        edit(dialog, "joinFingerprint")->clear();
        QVERIFY(!dialog.complete());
    }

    void lineOfTheHost_isTakenApart() {
        JoinDialog dialog(Role::Worker, {}, {}, Theme::light());
        edit(dialog, "joinAddress")->setText("rondo-cli worker --join ws://192.168.1.20:7077 --code K7M-Q2X");
        QVERIFY(dialog.complete());
        QCOMPARE(dialog.place().address, QString("ws://192.168.1.20:7077"));
        QCOMPARE(dialog.place().code, QString("K7M-Q2X"));
    }

    void troubleOfTheLastTime_isShown() {
        JoinDialog fresh(Role::Viewer, {}, {}, Theme::light());
        JoinDialog again(Role::Viewer, {"ws://host", "222-222", {}, {}}, "wrong code", Theme::light());
        fresh.show();
        again.show();
        QVERIFY(!fresh.findChild<QLabel*>("joinTrouble")->isVisible());
        QVERIFY(again.findChild<QLabel*>("joinTrouble")->isVisible());
        QCOMPARE(again.findChild<QLabel*>("joinTrouble")->text(), QString("wrong code"));
        QVERIFY(!edit(again, "joinName")->isVisible());  // viewers have none
    }

    // The window.

    void joiningFromTheMenu_showsHowItGoesAndRemembersAllButTheCode() {
        const test::WindowFolder folder;
        {
            const auto window = windowIn(folder);
            QVERIFY(!card(*window, "joinCard").isVisible());
            action(*window, "Join a class…")->trigger();
            auto* dialog = window->findChild<JoinDialog*>();
            QVERIFY(dialog);
            edit(*dialog, "joinAddress")->setText("train");
            edit(*dialog, "joinCode")->setText("K7M-Q2X");
            edit(*dialog, "joinName")->setText("desk 7");
            dialog->accept();
            QTRY_COMPARE(card(*window, "joinCard").detail(),
                         QString("Trains as Worker 2 of 4 in “Welcome”."));
            QVERIFY(card(*window, "joinCard").isVisible());
            QVERIFY(card(*window, "joinCard").title().contains("in the class at train"));
            QTest::mouseClick(button(card(*window, "joinCard"), "leaveClass"), Qt::LeftButton);
            QVERIFY(window->worker().away());
            QVERIFY(!card(*window, "joinCard").isVisible());
            window->close();
        }
        QCOMPARE(folder.session().text("class/address"), QString("train"));
        QCOMPARE(folder.session().text("class/name"), QString("desk 7"));
        QVERIFY(!folder.read("session.ini").contains("K7M"));
        const auto window = windowIn(folder);
        action(*window, "Join a class…")->trigger();
        auto* dialog = window->findChild<JoinDialog*>();
        QCOMPARE(edit(*dialog, "joinAddress")->text(), QString("train"));
        QCOMPARE(edit(*dialog, "joinName")->text(), QString("desk 7"));
        QVERIFY(edit(*dialog, "joinCode")->text().isEmpty());
    }

    void killedWorker_isToldAndCanJoinAgain() {
        const test::WindowFolder folder;
        const auto window = windowIn(folder);
        window->join({"crash", "K7M-Q2X", {}, "desk 7"});
        QTRY_VERIFY(window->worker().away());
        JoinCard& shown = card(*window, "joinCard");
        QVERIFY2(shown.detail().contains("ended (signal 9, killed)"), qPrintable(shown.detail()));
        QTest::mouseClick(button(shown, "joinAgain"), Qt::LeftButton);
        auto* dialog = window->findChild<JoinDialog*>();
        QVERIFY(dialog && dialog->complete());
        QCOMPARE(dialog->place().name, QString("desk 7"));
        edit(*dialog, "joinAddress")->setText("good");
        dialog->accept();
        QTRY_COMPARE(shown.detail(), QString("Ready: waits for the host to begin a run."));
    }

    void transport_isGreyWithAReasonWhileAClassIsWatched() {
        const test::WindowFolder folder;
        const auto window = windowIn(folder);
        window->watch({"good", "K7M-Q2X", {}, {}});
        QTRY_COMPARE(window->store().steps().size(), std::size_t(4));
        for (const char* name : {"Pause", "Step", "Reset", "Replay"}) {
            const QAction* key = action(*window, name);
            QVERIFY2(key && !key->isEnabled(), name);
            QVERIFY2(key->toolTip().contains("only its host"), qPrintable(key->toolTip()));
        }
        QVERIFY(!window->topBar().speedSlider()->isEnabled());
        QCOMPARE(window->topBar().badge()->text(), QString("WATCH"));
        QVERIFY(action(*window, "Stop")->isEnabled());
        QTest::keyClick(window.get(), Qt::Key_Period, Qt::ControlModifier);
        QVERIFY(!window->controller().watching());
        QVERIFY(action(*window, "Run")->isEnabled());
        QVERIFY(!card(*window, "watchCard").isVisible());
        QCOMPARE(window->store().steps().size(), std::size_t(4));
    }

    void samplesLeftOut_areToldOnTheCard() {
        const test::WindowFolder folder;
        const auto window = windowIn(folder);
        window->watch({"lossy", "K7M-Q2X", {}, {}});
        QTRY_VERIFY(card(*window, "watchCard").detail().contains("12 samples of this run were left out"));
    }

    void workerMayWatchItsClass_withoutTypingTheCodeAgain() {
        const test::WindowFolder folder;
        const auto window = windowIn(folder);
        window->join({"good", "K7M-Q2X", {}, "desk 7"});
        QTRY_COMPARE(window->worker().state(), JoinProcess::State::Joined);
        QTest::mouseClick(button(card(*window, "joinCard"), "watchToo"), Qt::LeftButton);
        QTRY_COMPARE(window->store().steps().size(), std::size_t(4));
        QCOMPARE(window->worker().state(), JoinProcess::State::Joined);
        QVERIFY(!button(card(*window, "joinCard"), "watchToo")->isVisible());
    }

    void lostConnection_isDialledByTheButton() {
        const test::WindowFolder folder;
        const auto window = windowIn(folder);
        window->watch({"drop?" + folder.path("been-there"), "K7M-Q2X", {}, {}});
        JoinCard& shown = card(*window, "watchCard");
        QTRY_VERIFY2(shown.detail().startsWith("Connection broke off."), qPrintable(shown.detail()));
        QTest::mouseClick(button(shown, "dialNow"), Qt::LeftButton);
        QTRY_COMPARE(window->store().steps().size(), std::size_t(7));
    }

    void closingTheWindow_endsTheChildren() {
        const test::WindowFolder folder;
        auto window = windowIn(folder);
        window->join({"good", "K7M-Q2X", {}, "desk 7"});
        window->watch({"good", "K7M-Q2X", {}, {}});
        QTRY_COMPARE(window->worker().state(), JoinProcess::State::Joined);
        QTRY_COMPARE(window->controller().watcher().state(), JoinProcess::State::Joined);
        const auto worker = static_cast<pid_t>(window->worker().pid());
        const auto viewer = static_cast<pid_t>(window->controller().watcher().pid());
        window->close();
        window.reset();
        QVERIFY(::kill(worker, 0) != 0);
        QVERIFY(::kill(viewer, 0) != 0);
    }
};

int main(int argc, char** argv) {
    if (test::FakeClass::called(argc, argv)) return test::FakeClass::play(argc, argv);
    if (argc == 2 && std::string(argv[1]) == "no-engine") return 0;
    QApplication application(argc, argv);
    TestJoinDialog test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_join_dialog.moc"
