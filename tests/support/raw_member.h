#pragma once

#include "net/membership/authentication.h"
#include "net/wire/control_message.h"
#include "tests/support/raw_socket.h"

namespace rondo::net::test {

// Joining by hand.

inline Challenge challengeOf(RawSocket& socket) {
    const auto frame = socket.readUntil(RawSocket::Text);
    const auto message = readControlMessage(frame ? frame->payload : "");
    return message && std::holds_alternative<Challenge>(*message) ? std::get<Challenge>(*message)
                                                                  : Challenge{};
}

inline Hello helloTo(const Challenge& challenge, Role role, std::string_view code = "K7MQ2X") {
    Hello hello;
    hello.role = role;
    hello.name = "raw";
    hello.nonce = randomSecret();
    const Secret32 key = keyOfCode(code, challenge.salt, challenge.iterations);
    hello.proof = proofOfClient(key, {challenge.nonce, hello.nonce, nameOf(role), {}});
    return hello;
}

/// Joins as the protocol says.
inline bool join(RawSocket& socket, Role role) {
    socket.upgrade();
    socket.send(RawSocket::frame(RawSocket::Text, toText(helloTo(challengeOf(socket), role))));
    const auto frame = socket.readUntil(RawSocket::Text);
    return frame && frame->payload.find("\"welcome\"") != std::string::npos;
}

}  // namespace rondo::net::test
