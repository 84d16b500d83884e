#pragma once

#include <signal.h>
#include <unistd.h>

#include <QFile>
#include <QString>
#include <iostream>
#include <string>
#include <vector>

#include "engine/control/join_news.h"
#include "tests/support/made_events.h"

namespace rondo::test {

/// Stands in for `rondo-cli worker` and `rondo-cli watch`: a test program that is called so plays one that
/// has joined a class. What happens there is told by the address:
///     good      joined under the code it was given; a viewer sees a run of 4 steps that goes on
///     arguments joined under its own arguments
///     two       a run that ends, then another one of 7 steps that goes on
///     lossy     a run that tells of 12 samples that were left out
///     failed    a run that fails
///     train     joined, and has a part in a run
///     wrong     not let in: wrong code
///     bad       the arguments are refused
///     over      joined, a run of 4 steps, then the class is over
///     removed   joined, then sent away
///     crash     joined, then killed
///     garbage   joined, then noise
///     drop?FILE joined, a run of 4 steps, then the connection breaks; where FILE is there already, as "two"
///     lost      joined, then the connection is lost and it would dial again by itself
/// Then it stays until its standard input ends.
class FakeClass {
  public:
    /// Whether the program was called so; then `main` returns what play() returns.
    static bool called(int argc, char** argv) {
        return argc > 2 && (std::string(argv[1]) == "worker" || std::string(argv[1]) == "watch");
    }
    static int play(int argc, char** argv) {
        const std::vector<std::string> arguments(argv + 1, argv + argc);
        std::string address;
        for (std::size_t i = 0; i + 1 < arguments.size(); ++i)
            if (arguments[i] == "--join") address = arguments[i + 1];
        const std::string mode = address.substr(0, address.find('?'));
        const bool viewer = arguments[0] == "watch";
        std::string code;
        std::getline(std::cin, code);

        using Kind = JoinNews::Kind;
        if (mode == "bad") {
            std::cerr << "rondo-cli: --join: bad: no machine named; expected ws://HOST:PORT\n";
            return 2;
        }
        say({.kind = Kind::Dialling});
        if (mode == "wrong") return over("wrong code", false, false);
        std::string name = code;
        if (mode == "arguments") {
            name.clear();
            for (const std::string& one : arguments) name += one + " ";
        }
        say({.kind = Kind::Joined, .name = name});
        if (viewer) std::cout << BlockWriter::header() << std::flush;
        if (mode == "crash") ::raise(SIGKILL);
        if (mode == "removed") return over("the host has sent it away", false, false);
        if (mode == "lost") say({.kind = Kind::Lost, .why = "connection broke off", .againIn = 4});
        if (mode == "train") say({.kind = Kind::Training, .rank = 2, .workers = 4, .run = "Welcome"});
        if (mode == "garbage") {
            tell(madeRun(4, false));
            std::cout << std::string(256, '\xee') << std::flush;
        }
        if (mode == "good" && viewer) tell(madeRun(4, false));
        if (mode == "lossy") {
            std::vector<Event> events = madeRun(4, false);
            events.push_back(EventsDropped{{}, 12});
            tell(events);
        }
        if (mode == "failed") {
            std::vector<Event> events = madeRun(4);
            auto& ended = std::get<RunEnded>(events.back());
            ended.state = RunState::Failed;
            ended.report = R"({"status":"failed","error":"diverged"})";
            tell(events);
        }
        if (mode == "over") {
            tell(madeRun(4));
            return over("the class is over", true, false);
        }
        if (mode == "drop") {
            QFile before(QString::fromStdString(address.substr(address.find('?') + 1)));
            if (!before.exists()) {
                tell(madeRun(4, false));
                (void)before.open(QIODevice::WriteOnly);
                return over("connection broke off", false, true);
            }
        }
        if (mode == "drop" || mode == "two") {
            tell(madeRun(4));
            tell(madeRun(7, false));
        }
        for (std::string line; std::getline(std::cin, line);) {
        }
        return over("left", true, false);
    }

  private:
    static void tell(const std::vector<Event>& events) {
        BlockWriter writer;
        for (const Event& event : events) writer.add(event);
        std::cout << writer.takeBlock() << std::flush;
    }
    static void say(const JoinNews& news) { std::cerr << toLine(news) << std::endl; }
    static int over(const char* why, bool well, bool mayRetry) {
        say({.kind = JoinNews::Kind::Over, .why = why, .well = well, .mayRetry = mayRetry});
        return well ? 0 : 1;
    }
};

}  // namespace rondo::test
