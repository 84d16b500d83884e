#include "net/membership/join_desk.h"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "net/membership/authentication.h"

namespace rondo::net {

struct JoinDesk::Inside : std::enable_shared_from_this<Inside> {
    Inside(IoThread& thread, const Options& o, QuietLog& quiet, Passed then)
        : io(thread), log(quiet), passed(std::move(then)), tries(o.firstDelay, o.mostDelay) {
        const Bytes32 random = randomSecret();
        std::copy_n(random.begin(), salt.size(), salt.begin());
        key = keyOfCode(o.code.secret, salt, Challenge{}.iterations);
    }

    void receive(const std::shared_ptr<Connection>& connection) {
        auto open = std::make_shared<OpenChallenge>();
        const std::weak_ptr<Connection> weak = connection;
        Connection::Handlers handlers;
        handlers.opened = [this, self = shared_from_this(), weak, open] {
            if (const auto there = weak.lock())
                there->send(Outgoing(
                    toText(Challenge{kProtocolVersion, salt, Challenge{}.iterations, open->nonce()})));
        };
        handlers.text = [this, self = shared_from_this(), weak, open](std::string_view text) {
            if (const auto there = weak.lock(); there && !over) judge(there, *open, text);
        };
        // Its address outlives it here: who was dropped is said too.
        handlers.closed = [this, self = shared_from_this(), weak,
                           address = connection->remoteAddress()](const Connection::Closed& closed) {
            if (over) return;
            ++refused;
            log.say("stranger " + std::to_string(static_cast<int>(closed.code)),
                    address + ": not joined, " + closed.why);
        };
        connection->setHandlers(std::move(handlers));
    }

    void judge(const std::shared_ptr<Connection>& connection, OpenChallenge& open, std::string_view text) {
        if (open.answered())
            return connection->close(CloseCode::OutOfTurn, "goes on talking before it is answered");
        const auto message = readControlMessage(text, kMostTextBytesBefore);
        if (!message) return connection->close(CloseCode::Unreadable, message.error());
        const Hello* hello = std::get_if<Hello>(&*message);
        if (!hello)
            return connection->close(CloseCode::OutOfTurn,
                                     "says " + std::string(nameOf(*message)) + " before hello");
        if (hello->version != kProtocolVersion)
            return refuse(connection, CloseCode::Version,
                          "speaks version " + std::to_string(hello->version) +
                              " of the protocol, here it is " + std::to_string(kProtocolVersion));
        const Handshake handshake{open.nonce(), hello->nonce, nameOf(hello->role), connection->fingerprint()};
        if (!open.answeredBy(hello->proof, key, handshake)) return letWait(connection);
        passed(connection, *hello, proofOfHost(key, handshake));
    }

    void refuse(const std::shared_ptr<Connection>& connection, CloseCode code, const std::string& why) {
        connection->send(Outgoing(toText(Refused{code, why})));
        connection->close(code, why);
    }

    void letWait(const std::shared_ptr<Connection>& connection) {
        const auto delay = tries.delay(connection->remoteAddress(), WrongTries::Clock::now());
        constexpr std::chrono::seconds kSpare{5};
        connection->setDeadline(delay + kSpare, CloseCode::TooSlow, "not joined in time");
        auto timer = std::make_shared<boost::asio::steady_timer>(io.context(), delay);
        timer->async_wait(
            [self = shared_from_this(), timer, weak = std::weak_ptr(connection)](boost::system::error_code) {
                if (const auto there = weak.lock(); there && !self->over)
                    self->refuse(there, CloseCode::WrongProof, "wrong code");
            });
    }

    IoThread& io;
    QuietLog& log;
    Passed passed;
    WrongTries tries;
    Bytes16 salt{};
    Bytes32 key{};
    std::uint64_t refused = 0;
    bool over = false;
};

JoinDesk::JoinDesk(IoThread& io, const Options& options, QuietLog& log, Passed passed)
    : inside_(std::make_shared<Inside>(io, options, log, std::move(passed))) {}

JoinDesk::~JoinDesk() {
    inside_->over = true;
    inside_->passed = {};
}

void JoinDesk::receive(const std::shared_ptr<Connection>& connection) {
    inside_->receive(connection);
}

std::uint64_t JoinDesk::refused() const {
    return inside_->refused;
}

}  // namespace rondo::net
