// The Class tab, used as a person does, against a training process of our own: this very program, started
// with --fake-engine.
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>
#include <QScrollBar>
#include <QTableView>
#include <QTest>
#include <QTimer>
#include <QToolButton>
#include <iostream>

#include "engine/events/recording.h"
#include "tests/support/made_room.h"
#include "ui/room/class_board.h"
#include "ui/room/class_code.h"
#include "ui/room/class_panel.h"
#include "ui/room/qr_code.h"

using namespace rondo;
using namespace rondo::test;
using namespace rondo::ui;

namespace {

void tell(const std::vector<Event>& events) {
    BlockWriter writer;
    for (const Event& event : events) writer.add(event);
    std::cout << writer.takeBlock() << std::flush;
}

/// A room with three machines; a port of 1 is taken, a port of 2 opens a room and then kills this program.
int fakeEngine() {
    std::cout << BlockWriter::header() << std::flush;
    std::map<std::uint32_t, MemberChanged> members;
    for (std::string line; std::getline(std::cin, line);) {
        const auto command = parseCommand(line);
        if (!command) return 3;
        if (std::holds_alternative<Quit>(*command)) return 0;
        if (const auto* open = std::get_if<OpenRoom>(&*command)) {
            if (open->listen == ":1") {
                RoomChanged refused;
                refused.detail = "port 1 needs rights that we don't have; choose one above 1023";
                tell({refused});
                continue;
            }
            RoomChanged room = madeRoom(open->code.empty() ? "K7M-Q2X" : open->code);
            room.url = (open->secure ? "wss://192.168.1.20" : "ws://192.168.1.20") + open->listen;
            room.joinLine = "rondo-cli worker --join " + room.url + " --code " + room.code;
            tell({room});
            for (std::uint32_t i = 1; i <= 3; ++i) {
                members[i] = madeMember(i, "desk-" + std::to_string(i));
                tell({members[i]});
            }
            if (open->listen == ":2" && open->code.empty()) return 4;
        } else if (const auto* rename = std::get_if<RenameMember>(&*command)) {
            members[rename->member].name = rename->name;
            tell({members[rename->member]});
        } else if (const auto* remove = std::get_if<RemoveMember>(&*command)) {
            members[remove->member].state = MemberChanged::State::Removed;
            members[remove->member].detail = remove->why;
            tell({members[remove->member]});
        } else if (std::holds_alternative<CloseRoom>(*command)) {
            tell({RoomChanged{}});
        }
    }
    return 0;
}

/// Presses a button of the question that comes next.
void answer(const QString& button) {
    QTimer::singleShot(0, qApp, [button] {
        auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
        if (!box) return answer(button);
        for (QAbstractButton* one : box->buttons())
            if (one->text().remove('&') == button) return one->click();
        box->reject();
    });
}

/// The panel and what it needs, as the window puts them together.
struct Room {
    EngineProcess engine{{QCoreApplication::applicationFilePath(), {QStringLiteral("--fake-engine")}}};
    RoomKeeper keeper{engine};
    ClassPanel panel{keeper};
    BlockReader reader;

    Room() {
        QObject::connect(&engine, &EngineProcess::streamBegins, &keeper, [this] { reader = BlockReader(); });
        QObject::connect(&engine, &EngineProcess::received, &keeper, [this](const QByteArray& bytes) {
            std::vector<Event> events;
            reader.feed({bytes.constData(), static_cast<std::size_t>(bytes.size())}, events);
            keeper.take(events);
        });
        panel.setTheme(Theme::light());
        panel.resize(1366, 240);
        panel.show();
        QVERIFY(QTest::qWaitForWindowActive(&panel));
    }
    template <class W>
    W* part(const char* name) {
        return panel.findChild<W*>(QLatin1String(name));
    }
    void hostAt(const QString& listen) {
        part<QLineEdit>("listenAt")->setText(listen);
        QTest::mouseClick(part<QPushButton>("hostButton"), Qt::LeftButton);
    }
    bool full() {
        return QTest::qWaitFor([this] { return keeper.store().ready() == 3; }, 30'000);
    }
    QString cell(int row, int column) { return panel.model().index(row, column).data().toString(); }
};

}  // namespace

class tst_class_panel final : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void closedRoom_saysWhatToDo_andOffersHost() {
        Room room;
        QVERIFY(room.part<QPushButton>("hostButton")->isVisible());
        QVERIFY(!room.panel.table().isVisible());
        QStringList words;
        for (const QLabel* label : room.panel.findChildren<QLabel*>())
            if (label->isVisible()) words << label->text();
        QCOMPARE(words.filter("types the line joins").size(), 1);
        QVERIFY(!room.part<QLabel>("hostProblem")->isVisible());
    }

    void host_showsCodeAddressLineAndWhoHasJoined() {
        Room room;
        room.hostAt(":7077");
        QVERIFY(room.full());
        QCOMPARE(room.part<ClassCode>("joinCode")->code(), QString("K7M-Q2X"));
        const QString line = "rondo-cli worker --join ws://192.168.1.20:7077 --code K7M-Q2X";
        QCOMPARE(room.part<QLineEdit>("joinLine")->text(), line);
        QCOMPARE(room.panel.findChild<QrPicture*>()->text(), line);
        QVERIFY(room.part<QLabel>("joinAddress")->text().startsWith("ws://192.168.1.20:7077"));
        QVERIFY(room.part<QLabel>("joinAddress")->toolTip().contains("ws://10.0.0.7:7077"));
        QCOMPARE(room.part<QLabel>("rosterCount")->text(), QString("3 machines: 3 ready"));
        QVERIFY(room.panel.table().isVisible());
        using M = ClassModel;
        QCOMPARE(room.cell(0, M::Name), QString("desk-1"));
        QCOMPARE(room.cell(0, M::State), QString("ready"));
        QCOMPARE(room.cell(0, M::RankColumn), QString("–"));
        QCOMPARE(room.cell(0, M::Cores), QString("8"));
        QCOMPARE(room.cell(0, M::Speed), QString("52 GFLOP/s"));
        QCOMPARE(room.cell(0, M::Address), QString("192.168.1.21"));
        // From the last row of a class: three times the letters of the rest.
        QVERIFY(room.part<ClassCode>("joinCode")->letterPixels() >= 3 * Theme::light().fontPixels);
    }

    void enterInTheField_hosts_encryptedIfChosen() {
        Room room;
        QTest::keyClick(room.part<QLineEdit>("listenAt"), Qt::Key_Tab);
        room.part<QCheckBox>("encrypted")->setFocus();
        QTest::keyClick(room.part<QCheckBox>("encrypted"), Qt::Key_Space);
        QTest::keyClick(room.part<QLineEdit>("listenAt"), Qt::Key_Return);
        QVERIFY(room.full());
        QCOMPARE(room.keeper.store().place().url, std::string("wss://192.168.1.20:7077"));
    }

    void roomThatCantBeOpened_saysWhy_andCanBeTriedAgain() {
        Room room;
        room.hostAt(":1");
        QTRY_VERIFY_WITH_TIMEOUT(room.part<QLabel>("hostProblem")->isVisible(), 30'000);
        QVERIFY(room.part<QLabel>("hostProblem")->text().contains("needs rights"));
        QVERIFY(room.part<QPushButton>("hostButton")->isEnabled());
        room.hostAt(":7078");
        QVERIFY(room.full());
        QVERIFY(!room.part<QLabel>("hostProblem")->isVisible());
    }

    void copy_putsTheLineOnTheClipboard() {
        Room room;
        room.hostAt(":7077");
        QVERIFY(room.full());
        QTest::mouseClick(room.part<QToolButton>("copyLine"), Qt::LeftButton);
        QCOMPARE(QApplication::clipboard()->text(), room.part<QLineEdit>("joinLine")->text());
    }

    void f2_renamesInPlace() {
        Room room;
        room.hostAt(":7077");
        QVERIFY(room.full());
        QTableView& table = room.panel.table();
        table.selectRow(1);
        table.setFocus();
        QTest::keyClick(&table, Qt::Key_F2);
        auto* edit = table.findChild<QLineEdit*>();
        QVERIFY(edit);
        edit->selectAll();
        QTest::keyClicks(edit, "Ada");
        QTest::keyClick(edit, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(room.cell(1, ClassModel::Name), QString("Ada"), 30'000);
    }

    void delete_asksBeforeItSendsAway() {
        Room room;
        room.hostAt(":7077");
        QVERIFY(room.full());
        QTableView& table = room.panel.table();
        table.selectRow(0);
        table.setFocus();
        answer("Cancel");
        QTest::keyClick(&table, Qt::Key_Delete);
        QCOMPARE(room.keeper.store().ready(), 3);
        answer("Remove");
        QTest::keyClick(&table, Qt::Key_Delete);
        QTRY_COMPARE_WITH_TIMEOUT(room.keeper.store().ready(), 2, 30'000);
        QCOMPARE(room.cell(0, ClassModel::Name), QString("desk-2"));
        QCOMPARE(room.panel.model().rowCount(), 2);
    }

    void closing_asksWhereSomebodyIsThere() {
        Room room;
        room.hostAt(":7077");
        QVERIFY(room.full());
        answer("Cancel");
        QTest::mouseClick(room.part<QToolButton>("closeRoom"), Qt::LeftButton);
        QVERIFY(room.keeper.store().open());
        answer("Close");
        QTest::mouseClick(room.part<QToolButton>("closeRoom"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(room.part<QPushButton>("hostButton")->isVisible(), 30'000);
        QCOMPARE(room.panel.model().rowCount(), 0);
    }

    void processThatDies_isToldOf_andTheRoomOpensAgainWithItsCode() {
        Room room;
        room.hostAt(":2");
        QTRY_COMPARE_WITH_TIMEOUT(room.keeper.store().state(), RoomStore::State::Lost, 30'000);
        QVERIFY(room.part<QLabel>("roomNotice")->text().contains("opened again with the same code"));
        QCOMPARE(room.cell(0, ClassModel::State), QString("awaited"));
        QVERIFY(room.part<ClassCode>("joinCode")->isVisible());
        QVERIFY(room.full());  // as the fake tells whoever brings a code
        QVERIFY(room.keeper.store().open());
        QCOMPARE(room.keeper.store().place().url, std::string("ws://192.168.1.20:2"));
        QCOMPARE(room.keeper.store().place().code, std::string("K7M-Q2X"));
        QCOMPARE(room.panel.model().rowCount(), 3);
        QVERIFY(!room.part<QLabel>("roomNotice")->isVisible());
    }

    void fortyMachines_scroll_andKeepTheirSelection() {
        Room room;
        room.keeper.store().apply(madeClass(40));
        QCOMPARE(room.panel.model().rowCount(), 40);
        QTableView& table = room.panel.table();
        QVERIFY(table.verticalScrollBar()->maximum() > 0);
        table.selectRow(20);
        table.scrollToBottom();
        const int place = table.verticalScrollBar()->value();
        // What is measured anew each second moves nothing.
        std::vector<Event> measured;
        for (std::uint32_t i = 1; i <= 37; ++i) {
            MemberChanged member = room.keeper.store().members()[i - 1].known;
            member.roundTrip += std::chrono::microseconds(10);
            measured.push_back(member);
        }
        room.keeper.store().apply(measured);
        QCOMPARE(table.verticalScrollBar()->value(), place);
        QCOMPARE(table.selectionModel()->selectedRows().size(), 1);
        QCOMPARE(table.selectionModel()->selectedRows().first().row(), 20);
        QCOMPARE(room.cell(38, ClassModel::State), QString("lost"));
        QCOMPARE(room.cell(38, ClassModel::Detail), QString("has sent no byte for 5 s"));
    }

    void board_showsTheCodeOverTheScreen_untilEsc() {
        Room room;
        room.keeper.store().apply(madeClass(3));
        QTest::mouseClick(room.part<QToolButton>("showToClass"), Qt::LeftButton);
        QPointer<ClassBoard> board;
        for (QWidget* one : QApplication::topLevelWidgets())
            if (auto* found = qobject_cast<ClassBoard*>(one)) board = found;
        QVERIFY(board);
        QVERIFY(QTest::qWaitForWindowExposed(board));
        QCOMPARE(board->findChild<ClassCode*>()->code(), QString("K7M-Q2X"));
        QCOMPARE(board->findChild<QrPicture*>()->text(), room.part<QLineEdit>("joinLine")->text());
        QTest::keyClick(board, Qt::Key_Escape);
        QTRY_VERIFY(!board);
        QTest::mouseClick(room.part<QToolButton>("showToClass"), Qt::LeftButton);  // and again
    }
};

int main(int argc, char** argv) {
    if (argc > 1 && std::string_view(argv[1]) == "--fake-engine") return fakeEngine();
    QApplication application(argc, argv);
    tst_class_panel test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_class_panel.moc"
